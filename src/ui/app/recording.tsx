export function Recording() {
  return <div />;
}
