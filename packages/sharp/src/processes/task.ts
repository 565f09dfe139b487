import type { ProbedPicture } from '@safelight/core';
import { type CheckTask, checkPixels } from '../check-pixels.ts';
import { type ProbeTask, probe } from '../probe.ts';
import { type MadePicture, type TransformTask, transform } from '../transform.ts';

/** The work that can be done in another process, by name. */
interface TaskKinds {
  readonly transform: { readonly input: TransformTask; readonly output: MadePicture };
  readonly probe: { readonly input: ProbeTask; readonly output: ProbedPicture };
  readonly checkPixels: { readonly input: CheckTask; readonly output: undefined };
}

export type TaskName = keyof TaskKinds;
export type TaskInput<Name extends TaskName> = TaskKinds[Name]['input'];
export type TaskOutput<Name extends TaskName> = TaskKinds[Name]['output'];

export const tasks: {
  readonly [Name in TaskName]: (input: TaskInput<Name>) => Promise<TaskOutput<Name>>;
} = { transform, probe, checkPixels };
