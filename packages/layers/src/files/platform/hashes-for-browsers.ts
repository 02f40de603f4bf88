/*! Contains parts of @noble/hashes: MIT License, Copyright Paul Miller */
// What a browser's own `crypto` can't do: hash a file of gigabytes as it comes.
export { sha1 } from "@noble/hashes/legacy.js";
export { sha256 } from "@noble/hashes/sha2.js";
export { bytesToHex } from "@noble/hashes/utils.js";
