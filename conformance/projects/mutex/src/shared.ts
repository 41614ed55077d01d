export interface LockRequest {
  timeoutMs: number;
  initiatorId: string;
}
