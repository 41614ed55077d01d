/** Offset of a time zone at a time in milliseconds, east positive; null for a name we do not know. See `zone-rules.ts` for the data. */
export function zoneOffset(zone: string, _at: number): number | null {
  return zone === '' || zone === 'UTC' || zone === 'Etc/UTC' || zone === 'GMT' || zone === 'Etc/GMT' ? 0 : null;
}
