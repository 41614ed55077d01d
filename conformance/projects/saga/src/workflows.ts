import { ActivityFailure, ApplicationFailure, log, proxyActivities } from '@temporalio/workflow';
import type * as activities from './activities';

const { bookCar, bookHotel, bookFlight, cancelCar, cancelHotel } = proxyActivities<typeof activities>({
  startToCloseTimeout: '2s',
  retry: { initialInterval: '500ms', maximumAttempts: 5 },
});

interface Compensation {
  message: string;
  fn: () => Promise<void>;
}

export async function bookTrip(trip: string): Promise<string[]> {
  const compensations: Compensation[] = [];
  try {
    const car = await bookCar(trip);
    compensations.unshift({ message: 'car', fn: () => cancelCar(car) });
    const hotel = await bookHotel(trip);
    compensations.unshift({ message: 'hotel', fn: () => cancelHotel(hotel) });
    const flight = await bookFlight(trip);
    return [car, hotel, flight];
  } catch (err) {
    if (err instanceof ActivityFailure && err.cause instanceof ApplicationFailure) log.error(err.cause.message);
    await compensate(compensations);
    throw err;
  }
}

async function compensate(compensations: Compensation[]): Promise<void> {
  for (const { message, fn } of compensations) {
    try {
      log.info(`compensating ${message}`);
      await fn();
    } catch (err) {
      log.error('failed to compensate', { message, err });
    }
  }
}
