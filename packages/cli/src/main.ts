#!/usr/bin/env node
/** `x classify --model google/vit-base-patch16-224 cat.jpg` */
import process from "node:process";
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2));
