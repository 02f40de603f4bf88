import { ArgumentError, shown } from "../errors.ts";

/**
 * Checks that what came for a task's model is one that can do the task. The types say so, too, but only to those who use them.
 * @param needs what such a model has: `forward`, `config.id2label`
 * @param such models that have it, for the message
 * @throws ArgumentError naming the task, such models, and what came instead: a promise, a class, another model
 */
export function checkModel(task: string, model: unknown, needs: readonly string[], such: string): void {
  if (!needs.every((path) => has(model, path.split("."))))
    throw new ArgumentError(task, `the model must be one such as ${such}`, `${shown(model)} came`);
}

function has(value: unknown, [name = "", ...deeper]: readonly string[]): boolean {
  if (typeof value !== "object" || value === null || !(name in value)) return false;
  return deeper.length === 0 || has(Reflect.get(value, name), deeper);
}
