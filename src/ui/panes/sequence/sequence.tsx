export default function Sequence() {
  return null;
}
