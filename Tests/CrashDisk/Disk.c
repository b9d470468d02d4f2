#include "Disk.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char prefix[] = "/no-such-folder/crash-disk-";
static crash_disk *disks[MOST_DISKS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void *checked(void *memory) {
  if (!memory) abort();
  return memory;
}

crash_disk *crash_disk_create(uint64_t seed, unsigned sector, int powersafe) {
  pthread_once(&once, disk_register);
  crash_disk *disk = checked(calloc(1, sizeof *disk));
  disk->sector = sector;
  disk->powersafe = powersafe;
  disk->dice = seed * 0x9e3779b97f4a7c15u + 1;
  pthread_mutex_lock(&lock);
  int place = 0;
  while (place < MOST_DISKS && disks[place]) place += 1;
  if (place < MOST_DISKS) disks[place] = disk;
  pthread_mutex_unlock(&lock);
  if (place == MOST_DISKS) {
    free(disk);
    return NULL;
  }
  snprintf(disk->folder, sizeof disk->folder, "%s%d", prefix, place);
  return disk;
}

static void forget_changes(struct inode *inode) {
  while (inode->first) {
    struct change *change = inode->first;
    inode->first = change->next;
    free(change->bytes);
    free(change);
  }
  inode->last = NULL;
}

void crash_disk_destroy(crash_disk *disk) {
  pthread_mutex_lock(&lock);
  for (int place = 0; place < MOST_DISKS; place++) {
    if (disks[place] == disk) disks[place] = NULL;
  }
  pthread_mutex_unlock(&lock);
  while (disk->inodes) {
    struct inode *inode = disk->inodes;
    disk->inodes = inode->next;
    forget_changes(inode);
    for (int index = 0; index < MOST_REGIONS; index++) free(inode->regions[index]);
    free(inode->now.bytes);
    free(inode->durable.bytes);
    free(inode->left.bytes);
    free(inode);
  }
  free(disk);
}

struct crash_disk *disk_of(const char *path, const char **name) {
  if (!path || strncmp(path, prefix, sizeof prefix - 1)) return NULL;
  char *end;
  long place = strtol(path + sizeof prefix - 1, &end, 10);
  if (place < 0 || place >= MOST_DISKS || *end != '/') return NULL;
  if (name) *name = end + 1;
  pthread_mutex_lock(&lock);
  crash_disk *disk = disks[place];
  pthread_mutex_unlock(&lock);
  return disk;
}

struct entry *entry_of(struct crash_disk *disk, const char *name, int make) {
  struct entry *empty = NULL;
  for (int index = 0; index < MOST_NAMES; index++) {
    struct entry *entry = &disk->entries[index];
    if (!strcmp(entry->name, name)) return entry;
    if (!entry->name[0] && !empty) empty = entry;
  }
  if (!make || !empty || strlen(name) >= sizeof empty->name) return NULL;
  strcpy(empty->name, name);
  return empty;
}

struct inode *inode_create(struct crash_disk *disk, int syncs_folder) {
  struct inode *inode = checked(calloc(1, sizeof *inode));
  inode->syncs_folder = syncs_folder;
  inode->next = disk->inodes;
  disk->inodes = inode;
  return inode;
}

static void image_grow(struct image *image, size_t size) {
  if (size > image->room) {
    image->room = size * 2;
    image->bytes = checked(realloc(image->bytes, image->room));
  }
  if (size > image->size) memset(image->bytes + image->size, 0, size - image->size);
  image->size = size > image->size ? size : image->size;
}

void image_write(struct image *image, int64_t offset, const void *bytes, size_t count) {
  image_grow(image, (size_t)offset + count);
  if (count) memcpy(image->bytes + offset, bytes, count);
}

void image_cut(struct image *image, int64_t size) {
  if ((size_t)size < image->size) image->size = (size_t)size;
  else image_grow(image, (size_t)size);
}

void inode_change(struct inode *inode, int64_t offset, const void *bytes, size_t count) {
  struct change *change = checked(calloc(1, sizeof *change));
  change->offset = offset;
  change->count = count;
  if (bytes) {
    change->bytes = checked(malloc(count + 1));
    memcpy(change->bytes, bytes, count);
    image_write(&inode->now, offset, bytes, count);
  } else {
    image_cut(&inode->now, offset);
  }
  if (inode->last) inode->last->next = change;
  else inode->first = change;
  inode->last = change;
}

void folder_sync(struct crash_disk *disk) {
  for (int index = 0; index < MOST_NAMES; index++) {
    disk->entries[index].durable = disk->entries[index].now;
  }
}

void inode_sync(struct crash_disk *disk, struct inode *inode) {
  for (struct change *change = inode->first; change; change = change->next) {
    if (change->bytes) image_write(&inode->durable, change->offset, change->bytes, change->count);
    else image_cut(&inode->durable, change->offset);
  }
  forget_changes(inode);
  if (inode->syncs_folder) folder_sync(disk);
  inode->syncs_folder = 0;
}

uint64_t disk_roll(struct crash_disk *disk) {
  uint64_t mixed = disk->dice += 0x9e3779b97f4a7c15u;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9u;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebu;
  return mixed ^ (mixed >> 31);
}

int disk_step(struct crash_disk *disk) {
  if (disk->down) return 1;
  disk->operations += 1;
  if (!disk->cut || disk->operations < disk->cut) return 0;
  disk->down = 1;
  return 2;
}

void crash_disk_put(crash_disk *disk, const char *name, const void *bytes, size_t count) {
  struct entry *entry = entry_of(disk, name, 1);
  if (!entry) abort();
  entry->now = inode_create(disk, 0);
  if (count) inode_change(entry->now, 0, bytes, count);
  inode_sync(disk, entry->now);
  entry->durable = entry->now;
}

void crash_disk_cut_at(crash_disk *disk, uint64_t number) { disk->cut = number; }

uint64_t crash_disk_operations(const crash_disk *disk) { return disk->operations; }

int crash_disk_is_down(const crash_disk *disk) { return disk->down; }

const char *crash_disk_folder(const crash_disk *disk) { return disk->folder; }

/* Writes a piece that lies in one sector; torn: only its beginning or its end arrives. */
static void leave_piece(
    struct crash_disk *disk, struct image *left, int64_t offset, const unsigned char *bytes,
    size_t count, int torn) {
  size_t from = 0, to = count;
  if (torn) {
    size_t place = (size_t)(disk_roll(disk) % (count + 1));
    if (disk_roll(disk) & 1) from = place;
    else to = place;
    if (!disk->powersafe && disk_roll(disk) & 1) {
      /* The rest of the sector is spoilt, as far as the file goes. */
      int64_t start = offset - offset % disk->sector;
      for (unsigned index = 0; index < disk->sector; index++) {
        int64_t place = start + index;
        if (place < offset + (int64_t)from || place >= offset + (int64_t)to) {
          if (place < (int64_t)left->size) left->bytes[place] = (unsigned char)disk_roll(disk);
        }
      }
    }
  }
  image_write(left, offset + (int64_t)from, bytes + from, to - from);
}

/* The sectors of one write, each by itself: whole, torn or not at all. */
static void leave_any(struct crash_disk *disk, struct image *left, const struct change *change) {
  size_t done = 0;
  while (done < change->count) {
    int64_t offset = change->offset + (int64_t)done;
    size_t count = disk->sector - (size_t)(offset % disk->sector);
    if (count > change->count - done) count = change->count - done;
    unsigned chance = (unsigned)(disk_roll(disk) % 8);
    if (chance < 5) leave_piece(disk, left, offset, change->bytes + done, count, chance == 0);
    done += count;
  }
  /* The size may have grown for what never arrived. */
  size_t end = (size_t)change->offset + change->count;
  if (end > left->size && disk_roll(disk) & 1) {
    size_t begin = left->size;
    image_grow(left, end);
    int garbage = (int)(disk_roll(disk) & 1);
    for (size_t place = begin; garbage && place < end; place++) {
      left->bytes[place] = (unsigned char)disk_roll(disk);
    }
  }
}

static void leave(struct crash_disk *disk, struct inode *inode, enum crash_loss loss) {
  struct image *left = &inode->left;
  left->size = 0;
  image_write(left, 0, inode->durable.bytes, inode->durable.size);
  size_t count = 0, kept;
  for (struct change *change = inode->first; change; change = change->next) count += 1;
  kept = loss == CRASH_NOTHING_SURVIVES ? 0 : count;
  if (loss == CRASH_BEGINNING_SURVIVES) kept = (size_t)(disk_roll(disk) % (count + 1));
  size_t index = 0;
  for (struct change *change = inode->first; change; change = change->next, index++) {
    if (loss == CRASH_ANY_SURVIVES) {
      if (change->bytes) leave_any(disk, left, change);
      else if (disk_roll(disk) & 1) image_cut(left, change->offset);
    } else if (index < kept) {
      if (change->bytes) image_write(left, change->offset, change->bytes, change->count);
      else image_cut(left, change->offset);
    } else if (index == kept && loss == CRASH_BEGINNING_SURVIVES && change->bytes) {
      /* At a random byte. */
      size_t arrived = (size_t)(disk_roll(disk) % (change->count + 1));
      image_write(left, change->offset, change->bytes, arrived);
    }
  }
}

void crash_disk_lose(crash_disk *disk, enum crash_loss loss) {
  disk->down = 1;
  for (struct inode *inode = disk->inodes; inode; inode = inode->next) leave(disk, inode, loss);
  for (int index = 0; index < MOST_NAMES; index++) {
    struct entry *entry = &disk->entries[index];
    int isNew = loss == CRASH_ALL_SURVIVES
        || (loss != CRASH_NOTHING_SURVIVES && disk_roll(disk) & 1);
    entry->left = isNew ? entry->now : entry->durable;
  }
}

int64_t crash_disk_size(const crash_disk *disk, const char *name) {
  struct entry *entry = entry_of((crash_disk *)disk, name, 0);
  return entry && entry->left ? (int64_t)entry->left->left.size : -1;
}

const void *crash_disk_bytes(const crash_disk *disk, const char *name) {
  struct entry *entry = entry_of((crash_disk *)disk, name, 0);
  return entry && entry->left ? entry->left->left.bytes : NULL;
}
