/* SQLite's view of the disk (https://www.sqlite.org/vfs.html). */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "Disk.h"

struct file {
  sqlite3_file head;
  struct crash_disk *disk;
  struct inode *inode;
};

static sqlite3_vfs *real;

static int file_close(sqlite3_file *handle) {
  (void)handle;
  return SQLITE_OK;
}

static int file_read(sqlite3_file *handle, void *bytes, int count, sqlite3_int64 offset) {
  struct file *file = (struct file *)handle;
  if (file->disk->down) return SQLITE_IOERR_READ;
  struct image *image = &file->inode->now;
  size_t there = (size_t)offset < image->size ? image->size - (size_t)offset : 0;
  if (there > (size_t)count) there = (size_t)count;
  if (there) memcpy(bytes, image->bytes + offset, there);
  memset((char *)bytes + there, 0, (size_t)count - there);
  return there == (size_t)count ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *handle, const void *bytes, int count, sqlite3_int64 offset) {
  struct file *file = (struct file *)handle;
  int state = disk_step(file->disk);
  /* The write under way when the power goes is one of those that may survive, and was not told. */
  if (state != 1) inode_change(file->inode, offset, bytes, (size_t)count);
  return state ? SQLITE_IOERR_WRITE : SQLITE_OK;
}

static int file_truncate(sqlite3_file *handle, sqlite3_int64 size) {
  struct file *file = (struct file *)handle;
  int state = disk_step(file->disk);
  if (state != 1) inode_change(file->inode, size, NULL, 0);
  return state ? SQLITE_IOERR_TRUNCATE : SQLITE_OK;
}

static int file_sync(sqlite3_file *handle, int flags) {
  struct file *file = (struct file *)handle;
  (void)flags;
  int state = disk_step(file->disk);
  /* A sync that the power cut off may have come to its end, and nobody was told. */
  if (state == 0 || (state == 2 && disk_roll(file->disk) & 1)) inode_sync(file->disk, file->inode);
  return state ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int file_size(sqlite3_file *handle, sqlite3_int64 *size) {
  struct file *file = (struct file *)handle;
  if (file->disk->down) return SQLITE_IOERR_FSTAT;
  *size = (sqlite3_int64)file->inode->now.size;
  return SQLITE_OK;
}

static int file_lock(sqlite3_file *handle, int kind) {
  (void)handle, (void)kind;
  return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *handle, int *result) {
  (void)handle;
  *result = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *handle, int operation, void *argument) {
  (void)handle, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *handle) { return (int)((struct file *)handle)->disk->sector; }

static int file_traits(sqlite3_file *handle) {
  return ((struct file *)handle)->disk->powersafe ? SQLITE_IOCAP_POWERSAFE_OVERWRITE : 0;
}

/* The index of the log is memory only: a power cut takes it, and one process has it. */
static int file_map(sqlite3_file *handle, int region, int size, int extend, void volatile **memory) {
  struct file *file = (struct file *)handle;
  *memory = NULL;
  if (file->disk->down || size > REGION || region >= MOST_REGIONS) return SQLITE_IOERR_SHMMAP;
  void **place = &file->inode->regions[region];
  if (!*place && extend) *place = calloc(1, REGION);
  *memory = *place;
  return SQLITE_OK;
}

static int file_map_lock(sqlite3_file *handle, int offset, int count, int flags) {
  (void)handle, (void)offset, (void)count, (void)flags;
  return SQLITE_OK;
}

static void file_barrier(sqlite3_file *handle) {
  (void)handle;
  __sync_synchronize();
}

static int file_unmap(sqlite3_file *handle, int forget) {
  struct file *file = (struct file *)handle;
  for (int index = 0; forget && index < MOST_REGIONS; index++) {
    free(file->inode->regions[index]);
    file->inode->regions[index] = NULL;
  }
  return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_traits,
    .xShmMap = file_map,
    .xShmLock = file_map_lock,
    .xShmBarrier = file_barrier,
    .xShmUnmap = file_unmap,
};

static int open_file(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *handle, int flags, int *granted) {
  (void)vfs;
  const char *name;
  struct crash_disk *disk = disk_of(path, &name);
  if (!disk) return real->xOpen(real, path, handle, flags, granted);
  struct file *file = (struct file *)handle;
  memset(file, 0, sizeof *file);
  if (disk->down) return SQLITE_CANTOPEN;
  struct entry *entry = entry_of(disk, name, flags & SQLITE_OPEN_CREATE);
  if (!entry) return SQLITE_CANTOPEN;
  if (!entry->now) {
    if (!(flags & SQLITE_OPEN_CREATE)) return SQLITE_CANTOPEN;
    int state = disk_step(disk);
    int kinds = SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL | SQLITE_OPEN_WAL;
    if (state != 1) entry->now = inode_create(disk, (flags & kinds) != 0);
    if (state) return SQLITE_CANTOPEN;
  }
  file->disk = disk;
  file->inode = entry->now;
  file->head.pMethods = &methods;
  if (granted) *granted = flags;
  return SQLITE_OK;
}

static int delete_file(sqlite3_vfs *vfs, const char *path, int syncs) {
  (void)vfs;
  const char *name;
  struct crash_disk *disk = disk_of(path, &name);
  if (!disk) return real->xDelete(real, path, syncs);
  int state = disk_step(disk);
  if (state == 1) return SQLITE_IOERR_DELETE;
  struct entry *entry = entry_of(disk, name, 0);
  if (!entry || !entry->now) return state ? SQLITE_IOERR_DELETE : SQLITE_IOERR_DELETE_NOENT;
  entry->now = NULL;
  if (syncs && state == 0) folder_sync(disk);
  return state ? SQLITE_IOERR_DELETE : SQLITE_OK;
}

static int access_file(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
  (void)vfs;
  const char *name;
  struct crash_disk *disk = disk_of(path, &name);
  if (!disk) return real->xAccess(real, path, flags, result);
  struct entry *entry = entry_of(disk, name, 0);
  *result = entry && entry->now && entry->now->now.size > 0;
  return disk->down ? SQLITE_IOERR_ACCESS : SQLITE_OK;
}

static int full_path(sqlite3_vfs *vfs, const char *path, int size, char *output) {
  (void)vfs;
  if (!disk_of(path, NULL)) return real->xFullPathname(real, path, size, output);
  if ((int)strlen(path) >= size) return SQLITE_CANTOPEN;
  strcpy(output, path);
  return SQLITE_OK;
}

void disk_register(void) {
  static sqlite3_vfs vfs;
  real = sqlite3_vfs_find(NULL);
  if (!real) abort();
  /* All else, clock and dice, is the real one's. */
  vfs = *real;
  vfs.zName = "crash-disk";
  vfs.pNext = NULL;
  if ((int)sizeof(struct file) > vfs.szOsFile) vfs.szOsFile = sizeof(struct file);
  vfs.xOpen = open_file;
  vfs.xDelete = delete_file;
  vfs.xAccess = access_file;
  vfs.xFullPathname = full_path;
  if (sqlite3_vfs_register(&vfs, 1) != SQLITE_OK) abort();
}
