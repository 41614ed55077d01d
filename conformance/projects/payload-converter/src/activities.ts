export interface Trip {
  start: Date;
  stops: Set<string>;
  seconds: bigint;
}

export async function extend(trip: Trip, stop: string): Promise<Trip> {
  return { start: new Date(trip.start.getTime() + 86_400_000), stops: new Set([...trip.stops, stop]), seconds: trip.seconds * 2n };
}
