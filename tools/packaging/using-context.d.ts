/** See using-context.js. */
export default function usingContext(): { e: unknown; u<T>(value: T): T; d(): void };
