export {
  type Diagnosis,
  type DiagnosisFix,
  type DiagnosisLayer,
  type DiagnosisMistake,
  formatDiagnosis,
  type Verdict,
} from '@safelight/protocol';
export { why } from './why/explain.ts';
export type { WhyOptions } from './why/why-options.ts';
