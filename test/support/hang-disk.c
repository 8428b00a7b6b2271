// A disk that does not answer any more: where the file that HANG names is there, fdatasync never returns (LD_PRELOAD).
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <unistd.h>

int fdatasync(int fd) {
  const char *name = getenv("HANG");
  while (name && access(name, F_OK) == 0) sleep(1);
  return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
