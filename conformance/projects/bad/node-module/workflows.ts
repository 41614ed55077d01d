export const fine = async (): Promise<string> => 'fine';
