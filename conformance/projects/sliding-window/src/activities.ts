const RECORDS = 11;

export async function getRecords(offset: number, pageSize: number): Promise<number[]> {
  return Array.from({ length: Math.max(0, Math.min(pageSize, RECORDS - offset)) }, (_, i) => offset + i);
}
