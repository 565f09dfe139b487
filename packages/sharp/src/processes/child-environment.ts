/** The variables that native libraries read: paths, fonts, the language, and settings of libvips. */
const needed =
  /^(?:PATH|HOME|TMPDIR|TMP|TEMP|LANG|LC_\w+|LD_LIBRARY_PATH|DYLD_\w+|FONTCONFIG_\w+|XDG_\w+|VIPS_\w+|SYSTEMROOT|WINDIR)$/i;

/**
 * The environment of a process that decodes pictures of strangers. It has no secrets of the application. Two arenas bound
 * the memory that glibc holds back (measured with mutated pictures: 400 MB instead of 774 MB), and one picture at a time
 * needs few threads. There are as many processes as cores, so each picture has one core (measured: 1 to 10 % faster).
 */
export function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => needed.test(name)));
  return { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '2', VIPS_CONCURRENCY: '1', ...own };
}
