/* What the two files of this module share. */
#include "CrashDisk.h"

enum { MOST_DISKS = 16, MOST_NAMES = 8, REGION = 32768, MOST_REGIONS = 64 };

/* One write or truncation since the last sync. */
struct change {
  int64_t offset;
  size_t count;
  unsigned char *bytes; /* null: the file is cut to `offset` */
  struct change *next;
};

struct image {
  unsigned char *bytes;
  size_t size, room;
};

struct inode {
  struct image now, durable, left;
  struct change *first, *last;
  int syncs_folder; /* its first sync makes the folder's entries durable, as SQLite's own does */
  void *regions[MOST_REGIONS];
  struct inode *next;
};

struct entry {
  char name[64];
  struct inode *now, *durable, *left;
};

struct crash_disk {
  char folder[48];
  unsigned sector;
  int powersafe, down;
  uint64_t dice, operations, cut;
  struct entry entries[MOST_NAMES];
  struct inode *inodes;
};

struct crash_disk *disk_of(const char *path, const char **name);
struct entry *entry_of(struct crash_disk *disk, const char *name, int make);
struct inode *inode_create(struct crash_disk *disk, int syncs_folder);
void image_write(struct image *image, int64_t offset, const void *bytes, size_t count);
void image_cut(struct image *image, int64_t size);
void inode_change(struct inode *inode, int64_t offset, const void *bytes, size_t count);
void inode_sync(struct crash_disk *disk, struct inode *inode);
void folder_sync(struct crash_disk *disk);
uint64_t disk_roll(struct crash_disk *disk);
/* Counts an operation; 1 when the power is gone, 2 when it goes in this very operation. */
int disk_step(struct crash_disk *disk);
void disk_register(void);
