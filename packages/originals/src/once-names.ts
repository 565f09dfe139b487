/** The name of the plan of an attempt, see `publish-once.ts`. */
export function onceName(name: string, attempt: number): string {
  return `once-${name}-${attempt}`;
}

const pattern = /^once-[0-9a-f]{32}-\d+$/;

export function isOnceName(name: string): boolean {
  return pattern.test(name);
}
