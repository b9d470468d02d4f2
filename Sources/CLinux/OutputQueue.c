#include <errno.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>

#include "CLinux.h"

int cl_unacknowledged(int fd) {
  int count = 0;
  if (ioctl(fd, SIOCOUTQ, &count) < 0) return -errno;
  return count;
}
