#ifndef BOOTWIRE_CLINUX_H
#define BOOTWIRE_CLINUX_H
/*
 * What the Glibc overlay lacks. Each function is a thin wrapper; one that can fail returns a
 * negative errno. Addresses and ports are in host order.
 */
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/* recvmmsg: slots that are allocated once. */
typedef struct cl_receiver cl_receiver;
struct cl_datagram {
  const void *_Nullable bytes;
  size_t length;
  uint32_t source, destination, local;
  int32_t interface;
  uint16_t source_port;
  uint16_t truncated;
};
cl_receiver *cl_receiver_create(unsigned slots, size_t size);
void cl_receiver_destroy(cl_receiver *receiver);
int cl_receiver_fill(cl_receiver *receiver, int fd);
void cl_receiver_get(const cl_receiver *receiver, unsigned index, struct cl_datagram *datagram);

/* sendmmsg: likewise. */
typedef struct cl_sender cl_sender;
cl_sender *cl_sender_create(unsigned slots, size_t size);
void cl_sender_destroy(cl_sender *sender);
void *cl_sender_slot(cl_sender *sender, unsigned index);
void cl_sender_set_udp(
    cl_sender *sender, unsigned index, size_t length, uint32_t address, uint16_t port,
    uint32_t local, int32_t interface);
void cl_sender_set_link(
    cl_sender *sender, unsigned index, size_t length, int32_t interface);
int cl_sender_flush(cl_sender *sender, int fd, unsigned first, unsigned count);

/* Sockets: each returns a descriptor, non-blocking and close-on-exec. */
int cl_udp_socket(void);
int cl_tcp_socket(void);
int cl_unix_socket(int datagram);
int cl_packet_socket(void);
/* Hears of interfaces and IPv4 addresses that change; what it hears need not be read. */
int cl_route_socket(void);
/* Hears ICMPv6 router solicitations and advertisements on one interface, and nothing else. */
int cl_router_socket(int32_t interface);
/* Hears IPv4 frames to one UDP port on one interface that others sent there, and nothing else. */
int cl_port_socket(int32_t interface, uint16_t port);
/* Hears ARP replies on one interface, and nothing else. */
int cl_arp_socket(int32_t interface);
/* Sends ICMP messages and hears echo replies, each with its IPv4 head. */
int cl_echo_socket(void);
int cl_bind_inet(int fd, uint32_t address, uint16_t port);
int cl_connect_inet(int fd, uint32_t address, uint16_t port);
int cl_local_inet(int fd, uint32_t *address, uint16_t *port);
/* A name that begins with a zero byte is abstract. */
int cl_bind_unix(int fd, const char *name, size_t length);
int cl_connect_unix(int fd, const char *name, size_t length);
int cl_send_unix(int fd, const void *bytes, size_t count, const char *name, size_t length);
int cl_accept(int fd, uint32_t *address, uint16_t *port);
int cl_set_option(int fd, int level, int name, int value);
int cl_get_option(int fd, int level, int name);
/* Bytes of a stream that the kernel holds and the other side has not acknowledged. */
int cl_unacknowledged(int fd);
/* Closing will reset the connection and drop what has not left. */
int cl_reset_on_close(int fd);
int cl_bind_device(int fd, const char *name);
/* IP_PKTINFO on, path MTU discovery off: a large block is fragmented, never refused. */
int cl_prepare_udp(int fd);

long cl_receive_from(int fd, void *bytes, size_t size, uint32_t *address, uint16_t *port);
long cl_send_to(int fd, const void *bytes, size_t count, uint32_t address, uint16_t port);
/* `count` bytes leave as datagrams of `segment` bytes each, the last one perhaps shorter. */
long cl_send_segmented(
    int fd, const void *bytes, size_t count, uint16_t segment, uint32_t address, uint16_t port);
/*
 * Reads blocks of a file and puts each behind `gap` bytes left free: block k lies at
 * bytes + k * (block + gap) + gap. At most 64 blocks.
 */
long cl_read_blocks(
    int fd, void *bytes, int64_t offset, size_t block, unsigned count, size_t last, size_t gap);
long cl_read_at(int fd, void *bytes, size_t count, int64_t offset);
long cl_receive(int fd, void *bytes, size_t count);
long cl_send(int fd, const void *bytes, size_t count, int more);
long cl_send_file(int socket, int file, int64_t offset, size_t count);

/* epoll, level-triggered. */
struct cl_event {
  uint64_t token;
  uint32_t events;
};
enum { CL_READ = 1, CL_WRITE = 4, CL_ERROR = 8, CL_HANGUP = 16 };
int cl_set_create(void);
int cl_set_add(int set, int fd, uint32_t events, uint64_t token);
int cl_set_change(int set, int fd, uint32_t events, uint64_t token);
int cl_set_remove(int set, int fd);
int cl_set_wait(int set, struct cl_event *events, int count, int milliseconds);

/* Files. */
int cl_open_root(const char *path);
int cl_open_beneath(int root, const char *path);
struct cl_status {
  int64_t size, modified_seconds, modified_nanoseconds;
  uint32_t mode;
  uint64_t inode, device;
};
int cl_status(int fd, struct cl_status *status);
int cl_chown_group(const char *path, const char *group);

/* Interfaces: one row per interface and one per IPv4 address. */
struct cl_interface {
  char name[16];
  int32_t index;
  uint32_t up, running, loopback, has_link, has_address;
  uint8_t link[6];
  uint32_t address, netmask;
};
int cl_interfaces(struct cl_interface *rows, int count);

/* Unmaps the pages of code and constants; those that are used come back from the page cache. */
void cl_drop_clean_pages(void);
/* Writes what fits at once, and never waits; the count that was written. */
size_t cl_write_now(int fd, const void *bytes, size_t count);

int64_t cl_clock(int boot);
void cl_ignore_signal(int number);

#pragma clang assume_nonnull end
#endif
