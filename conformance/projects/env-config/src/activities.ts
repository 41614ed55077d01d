export const where = async (): Promise<string> => `region ${process.env['REGION'] ?? 'unknown'}`;
