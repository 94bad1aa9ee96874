const MAX_ROLES = 1000;

/** The roles that a claim or a user's record names: a list, or a comma-separated text. Trimmed, without empty ones, each once. */
export function roleNames(value: unknown): readonly string[] {
  const given: readonly unknown[] = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : [];
  const roles = new Set<string>();
  for (const item of given) {
    if (roles.size === MAX_ROLES) break;
    const role = typeof item === 'string' ? item.trim() : typeof item === 'number' ? String(item) : '';
    if (role !== '') roles.add(role);
  }
  return [...roles];
}
