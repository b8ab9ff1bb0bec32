import type { Endpoint } from "../endpoint.js";
import { counter } from "./counter.js";
import { delayed } from "./delayed.js";
import { downstream } from "./downstream.js";
import { echo } from "./echo.js";
import { flaky } from "./flaky.js";
import { health } from "./health.js";
import { instant } from "./instant.js";

/** Every path the service knows by itself; a behave file's routes come before them. */
export const allEndpoints: readonly Endpoint[] = [health, instant, delayed, downstream, echo, counter, flaky];
