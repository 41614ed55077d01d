import { Context } from '@temporalio/activity';

async function post(url: string, body: unknown): Promise<string> {
  // The same on every attempt, so a service that has seen it does the work only once.
  const { workflowExecution, activityId } = Context.current().info;
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'idempotency-key': `${workflowExecution?.workflowId}/${activityId}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return response.text();
}

export async function reserveStock(orderId: string): Promise<string> {
  return post('http://stock/reservations', { orderId });
}

export async function charge(orderId: string, item: string): Promise<string> {
  return post('http://payments/charges', { orderId, item });
}

export async function ship(orderId: string, item: string): Promise<string> {
  return post('http://stock/parcels', { orderId, item });
}
