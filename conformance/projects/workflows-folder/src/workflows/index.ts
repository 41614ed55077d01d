export * from './subscription';
export { countdown } from './countdown';
