#ifndef BOOTWIRE_CRASHDISK_H
#define BOOTWIRE_CRASHDISK_H
/*
 * A disk in memory for SQLite whose power can be cut at any operation.
 *
 * It remembers what was written since each file's last sync, and after the cut lets survive of that
 * what a real disk may: all, nothing, a beginning, or any sectors in any order, torn or whole.
 * What was synced survives always. Files below the disk's folder are its own; all others of the
 * process go to the operating system as ever.
 */
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct crash_disk crash_disk;

/* Of one thread. `sector` is 512 or 4096; a disk that is not `powersafe` may spoil the whole sector
   that it was writing a part of. Null when there are too many at once. */
crash_disk *_Nullable crash_disk_create(uint64_t seed, unsigned sector, int powersafe);
void crash_disk_destroy(crash_disk *disk);
/* No folder of this name exists; databases of the disk are named below it. */
const char *crash_disk_folder(const crash_disk *disk);

/* Puts a file there that is durable already. */
void crash_disk_put(crash_disk *disk, const char *name, const void *_Nullable bytes, size_t count);

/* Cuts the power in operation `number`, counted from 1: a write, truncation, sync, deletion or
   creation. From then on everything fails. */
void crash_disk_cut_at(crash_disk *disk, uint64_t number);
uint64_t crash_disk_operations(const crash_disk *disk);
int crash_disk_is_down(const crash_disk *disk);

/* What of the unsynced survives. */
enum crash_loss { CRASH_NOTHING_SURVIVES, CRASH_ALL_SURVIVES, CRASH_BEGINNING_SURVIVES, CRASH_ANY_SURVIVES };
/* Decides what is left, file by file; also of a disk whose power was not cut. */
void crash_disk_lose(crash_disk *disk, enum crash_loss loss);
/* The size of a file after that; -1 when there is none. */
int64_t crash_disk_size(const crash_disk *disk, const char *name);
const void *_Nullable crash_disk_bytes(const crash_disk *disk, const char *name);

#pragma clang assume_nonnull end
#endif
