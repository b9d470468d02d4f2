#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "CLinux.h"

union control {
  struct cmsghdr header;
  char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
};

union name {
  struct sockaddr_in inet;
  struct sockaddr_ll link;
};

/* Receiver and sender are the same thing: messages, each with its own room. */
struct batch {
  unsigned slots;
  size_t size;
  struct mmsghdr *messages;
  struct iovec *parts;
  union name *names;
  union control *controls;
  char *room;
};

struct cl_receiver {
  struct batch batch;
};

struct cl_sender {
  struct batch batch;
};

/* Out of memory at start is the end: there is nothing that the caller could do. */
static void *zeroed(size_t count, size_t size) {
  void *memory = calloc(count, size);
  if (memory == NULL) abort();
  return memory;
}

static void prepare(struct batch *batch, unsigned slots, size_t size) {
  batch->slots = slots;
  batch->size = size;
  batch->messages = zeroed(slots, sizeof *batch->messages);
  batch->parts = zeroed(slots, sizeof *batch->parts);
  batch->names = zeroed(slots, sizeof *batch->names);
  batch->controls = zeroed(slots, sizeof *batch->controls);
  batch->room = zeroed(slots, size);
  for (unsigned index = 0; index < slots; index += 1) {
    struct msghdr *header = &batch->messages[index].msg_hdr;
    batch->parts[index].iov_base = batch->room + index * size;
    batch->parts[index].iov_len = size;
    header->msg_iov = &batch->parts[index];
    header->msg_iovlen = 1;
    header->msg_name = &batch->names[index];
  }
}

static void release(struct batch *batch) {
  free(batch->messages);
  free(batch->parts);
  free(batch->names);
  free(batch->controls);
  free(batch->room);
}

cl_receiver *cl_receiver_create(unsigned slots, size_t size) {
  cl_receiver *receiver = zeroed(1, sizeof *receiver);
  prepare(&receiver->batch, slots, size);
  return receiver;
}

void cl_receiver_destroy(cl_receiver *receiver) {
  release(&receiver->batch);
  free(receiver);
}

int cl_receiver_fill(cl_receiver *receiver, int fd) {
  struct batch *batch = &receiver->batch;
  int count;
  /* The kernel overwrites these lengths with what it used. */
  for (unsigned index = 0; index < batch->slots; index += 1) {
    struct msghdr *header = &batch->messages[index].msg_hdr;
    header->msg_namelen = sizeof(struct sockaddr_in);
    header->msg_control = &batch->controls[index];
    header->msg_controllen = sizeof(union control);
    header->msg_flags = 0;
  }
  count = recvmmsg(fd, batch->messages, batch->slots, MSG_DONTWAIT, NULL);
  return count < 0 ? -errno : count;
}

void cl_receiver_get(const cl_receiver *receiver, unsigned index, struct cl_datagram *datagram) {
  const struct batch *batch = &receiver->batch;
  struct msghdr *header = &batch->messages[index].msg_hdr;
  memset(datagram, 0, sizeof *datagram);
  datagram->bytes = batch->room + index * batch->size;
  datagram->length = batch->messages[index].msg_len;
  datagram->truncated = (header->msg_flags & MSG_TRUNC) != 0;
  datagram->source = ntohl(batch->names[index].inet.sin_addr.s_addr);
  datagram->source_port = ntohs(batch->names[index].inet.sin_port);
  for (struct cmsghdr *each = CMSG_FIRSTHDR(header); each; each = CMSG_NXTHDR(header, each)) {
    struct in_pktinfo packet;
    if (each->cmsg_level != IPPROTO_IP || each->cmsg_type != IP_PKTINFO) continue;
    memcpy(&packet, CMSG_DATA(each), sizeof packet);
    datagram->destination = ntohl(packet.ipi_addr.s_addr);
    datagram->local = ntohl(packet.ipi_spec_dst.s_addr);
    datagram->interface = packet.ipi_ifindex;
  }
}

cl_sender *cl_sender_create(unsigned slots, size_t size) {
  cl_sender *sender = zeroed(1, sizeof *sender);
  prepare(&sender->batch, slots, size);
  return sender;
}

void cl_sender_destroy(cl_sender *sender) {
  release(&sender->batch);
  free(sender);
}

void *cl_sender_slot(cl_sender *sender, unsigned index) {
  return sender->batch.parts[index].iov_base;
}

void cl_sender_set_udp(
    cl_sender *sender, unsigned index, size_t length, uint32_t address, uint16_t port,
    uint32_t local, int32_t interface) {
  struct batch *batch = &sender->batch;
  struct msghdr *header = &batch->messages[index].msg_hdr;
  struct sockaddr_in *name = &batch->names[index].inet;
  struct in_pktinfo packet;
  memset(name, 0, sizeof *name);
  name->sin_family = AF_INET;
  name->sin_addr.s_addr = htonl(address);
  name->sin_port = htons(port);
  header->msg_namelen = sizeof *name;
  batch->parts[index].iov_len = length;
  if (local == 0 && interface == 0) {
    header->msg_control = NULL;
    header->msg_controllen = 0;
    return;
  }
  memset(&packet, 0, sizeof packet);
  packet.ipi_spec_dst.s_addr = htonl(local);
  packet.ipi_ifindex = interface;
  batch->controls[index].header.cmsg_level = IPPROTO_IP;
  batch->controls[index].header.cmsg_type = IP_PKTINFO;
  batch->controls[index].header.cmsg_len = CMSG_LEN(sizeof packet);
  memcpy(CMSG_DATA(&batch->controls[index].header), &packet, sizeof packet);
  header->msg_control = &batch->controls[index];
  header->msg_controllen = sizeof(union control);
}

void cl_sender_set_link(cl_sender *sender, unsigned index, size_t length, int32_t interface) {
  struct batch *batch = &sender->batch;
  struct msghdr *header = &batch->messages[index].msg_hdr;
  struct sockaddr_ll *name = &batch->names[index].link;
  memset(name, 0, sizeof *name);
  name->sll_family = AF_PACKET;
  name->sll_ifindex = interface;
  name->sll_halen = 6;
  if (length >= 14) {
    memcpy(name->sll_addr, batch->parts[index].iov_base, 6);
    memcpy(&name->sll_protocol, (char *)batch->parts[index].iov_base + 12, 2);
  }
  header->msg_namelen = sizeof *name;
  header->msg_control = NULL;
  header->msg_controllen = 0;
  batch->parts[index].iov_len = length;
}

int cl_sender_flush(cl_sender *sender, int fd, unsigned first, unsigned count) {
  int sent = sendmmsg(
      fd, sender->batch.messages + first, count, MSG_DONTWAIT | MSG_NOSIGNAL);
  return sent < 0 ? -errno : sent;
}
