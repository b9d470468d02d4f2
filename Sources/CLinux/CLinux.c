#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <ifaddrs.h>
#include <limits.h>
#include <linux/if_packet.h>
#include <linux/openat2.h>
#include <net/if.h>
#include <netinet/in.h>
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

_Static_assert(CL_READ == EPOLLIN && CL_WRITE == EPOLLOUT, "the same bits");
_Static_assert(CL_ERROR == EPOLLERR && CL_HANGUP == EPOLLHUP, "the same bits");

int cl_set_create(void) {
  int set = epoll_create1(EPOLL_CLOEXEC);
  return set < 0 ? -errno : set;
}

static int control(int set, int operation, int fd, uint32_t events, uint64_t token) {
  struct epoll_event event;
  memset(&event, 0, sizeof event);
  event.events = events;
  event.data.u64 = token;
  return epoll_ctl(set, operation, fd, &event) < 0 ? -errno : 0;
}

int cl_set_add(int set, int fd, uint32_t events, uint64_t token) {
  return control(set, EPOLL_CTL_ADD, fd, events, token);
}

int cl_set_change(int set, int fd, uint32_t events, uint64_t token) {
  return control(set, EPOLL_CTL_MOD, fd, events, token);
}

int cl_set_remove(int set, int fd) { return control(set, EPOLL_CTL_DEL, fd, 0, 0); }

int cl_set_wait(int set, struct cl_event *events, int count, int milliseconds) {
  struct epoll_event ready[64];
  int number = epoll_wait(set, ready, count < 64 ? count : 64, milliseconds);
  if (number < 0) return -errno;
  for (int index = 0; index < number; index += 1) {
    events[index].token = ready[index].data.u64;
    events[index].events = ready[index].events;
  }
  return number;
}

int cl_open_root(const char *path) {
  int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
  return fd < 0 ? -errno : fd;
}

int cl_open_beneath(int root, const char *path) {
  struct open_how how;
  long fd;
  memset(&how, 0, sizeof how);
  /* A FIFO or a device must neither block us nor become our terminal. */
  how.flags = O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
  fd = syscall(SYS_openat2, root, path, &how, sizeof how);
  return fd < 0 ? -errno : (int)fd;
}

int cl_status(int fd, struct cl_status *status) {
  struct stat found;
  if (fstat(fd, &found) < 0) return -errno;
  status->size = found.st_size;
  status->modified_seconds = found.st_mtim.tv_sec;
  status->modified_nanoseconds = found.st_mtim.tv_nsec;
  status->mode = found.st_mode;
  status->inode = found.st_ino;
  status->device = found.st_dev;
  return 0;
}

int cl_chown_group(const char *path, const char *group) {
  struct group *found;
  errno = 0;
  found = getgrnam(group);
  if (found == NULL) return errno ? -errno : -ENOENT;
  return chown(path, (uid_t)-1, found->gr_gid) < 0 ? -errno : 0;
}

static void describe(struct cl_interface *row, const struct ifaddrs *each) {
  char *alias;
  memset(row, 0, sizeof *row);
  strncpy(row->name, each->ifa_name, sizeof row->name - 1);
  /* An address label as eth0:1 names the interface eth0. */
  alias = strchr(row->name, ':');
  if (alias != NULL) *alias = 0;
  row->index = (int32_t)if_nametoindex(row->name);
  row->up = (each->ifa_flags & IFF_UP) != 0;
  row->running = row->up && (each->ifa_flags & IFF_RUNNING) != 0;
  row->loopback = (each->ifa_flags & IFF_LOOPBACK) != 0;
}

int cl_interfaces(struct cl_interface *rows, int count) {
  struct ifaddrs *list = NULL;
  int used = 0;
  if (getifaddrs(&list) < 0) return -errno;
  for (const struct ifaddrs *each = list; each != NULL && used < count; each = each->ifa_next) {
    struct cl_interface *row = &rows[used];
    if (each->ifa_addr == NULL) continue;
    if (each->ifa_addr->sa_family == AF_PACKET) {
      struct sockaddr_ll link;
      memcpy(&link, each->ifa_addr, sizeof link);
      describe(row, each);
      row->has_link = link.sll_halen == 6;
      memcpy(row->link, link.sll_addr, 6);
      used += 1;
    } else if (each->ifa_addr->sa_family == AF_INET) {
      struct sockaddr_in name, mask;
      memset(&mask, 0, sizeof mask);
      memcpy(&name, each->ifa_addr, sizeof name);
      if (each->ifa_netmask != NULL) memcpy(&mask, each->ifa_netmask, sizeof mask);
      describe(row, each);
      row->has_address = 1;
      row->address = ntohl(name.sin_addr.s_addr);
      row->netmask = ntohl(mask.sin_addr.s_addr);
      used += 1;
    }
  }
  freeifaddrs(list);
  return used;
}

size_t cl_write_now(int fd, const void *bytes, size_t count) {
  ssize_t result = send(fd, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (result >= 0 || errno != ENOTSOCK) return result < 0 ? 0 : (size_t)result;
  /* A pipe or terminal that can be written takes at least so much without waiting. */
  size_t done = 0;
  while (done < count) {
    struct pollfd state = {.fd = fd, .events = POLLOUT};
    if (poll(&state, 1, 0) != 1 || !(state.revents & POLLOUT)) break;
    size_t piece = count - done < PIPE_BUF ? count - done : PIPE_BUF;
    result = write(fd, (const char *)bytes + done, piece);
    if (result <= 0) break;
    done += (size_t)result;
  }
  return done;
}

int64_t cl_clock(int boot) {
  struct timespec time;
  clock_gettime(boot ? CLOCK_BOOTTIME : CLOCK_MONOTONIC, &time);
  return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

void cl_ignore_signal(int number) { signal(number, SIG_IGN); }
