import { ApplicationFailure, activityInfo } from '@temporalio/activity';

async function call(method: string, path: string, body: unknown): Promise<string> {
  const response = await fetch(`http://bookings${path}`, {
    method,
    headers: { 'content-type': 'application/json', 'x-attempt': String(activityInfo().attempt) },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as { ref?: string; error?: string };
  if (response.status === 409) throw ApplicationFailure.create({ nonRetryable: true, message: answer.error ?? 'conflict', type: 'Conflict', details: [path] });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return answer.ref ?? '';
}

export const bookCar = (trip: string): Promise<string> => call('POST', '/cars', { trip });
export const bookHotel = (trip: string): Promise<string> => call('POST', '/hotels', { trip });
export const bookFlight = (trip: string): Promise<string> => call('POST', '/flights', { trip });
export const cancelCar = async (ref: string): Promise<void> => void (await call('DELETE', '/cars', { ref }));
export const cancelHotel = async (ref: string): Promise<void> => void (await call('DELETE', '/hotels', { ref }));
