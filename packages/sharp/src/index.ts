export { type SharpHandler, type SharpHandlerOptions, sharpHandler } from './sharp-handler.ts';
