import type { Bucket, ListedObject } from './bucket.ts';

/** All objects below a prefix, in the order of their keys. Only for a prefix with few objects. */
export async function allObjects(bucket: Bucket, prefix: string): Promise<readonly ListedObject[]> {
  const objects: ListedObject[] = [];
  for await (const page of bucket.pages(prefix)) objects.push(...page);
  return objects;
}
