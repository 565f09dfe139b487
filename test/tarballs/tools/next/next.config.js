import { dirname } from 'node:path';

// The packages are installed one folder above.
export default { turbopack: { root: dirname(import.meta.dirname) } };
