#!/usr/bin/env node
/** `x classify --model google/vit-base-patch16-224 cat.jpg` */
import process from "node:process";
import { interrupted, run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2));
if (process.exitCode === interrupted) process.exit(); // a read of standard input that is under way would keep Deno
