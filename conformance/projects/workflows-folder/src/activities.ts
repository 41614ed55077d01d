export async function sendMail(to: string, text: string): Promise<void> {
  await fetch('http://mail/send', { method: 'POST', body: JSON.stringify({ to, text }) });
}
