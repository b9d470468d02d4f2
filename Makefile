# bootwire: everything around the binary. `make packages`, which the others call, installs by
# Debian package name what is missing; Swift 6.2 or later must be there.
#
#   make boot [FIRMWARE=bios]   boots a machine in QEMU, from nothing but its network to its report:
#                    bios bios-pxelinux bios-undionly uefi uefi-snponly uefi-http uefi-grub
#                    arm64 arm64-http uboot, or all; [UNPRIVILEGED=1] [CAPTURE=FILE.pcap]
#   make boot SCENARIO=relay|proxy|networks|secure|https   machines behind a relay, beside another
#                    DHCP server, on two networks at once; with Secure Boot; over HTTPS
#   make boot SCENARIO=install [FIRMWARE=bios|uefi]   from bare metal to a node that SSH reaches;
#                    SCENARIO=debian-installer  Debian's own, to the point where it has reported;
#                    SCENARIO=recorder  a boot that fails, by its own recording;
#                    SCENARIO=all  each of these; SCENARIO=readme  the README's way to a node
#   make times [FIRMWARE=all]   from the first DISCOVER to the first byte of the kernel, by bootwire
#                    and by dnsmasq with nginx, in turns; a table; [ROUNDS=1] [TUNED=1]
#                    [RECORDINGS=FOLDER]
#   make fleet [MACHINES=10000] [CLIENTS=1000]   a catalog of many machines: what applying, adding one
#                    and rendering take, and how long machines wait for their scripts
#   make captures [NAME=uefi]   records the boots of Fixtures/replays anew, all or one, elided, and
#                    replays each; [FOLDER=Fixtures/replays]; Fixtures/README.md lists them
#   make replays     the recordings of Fixtures/replays by the optimized binary, and its packets a second
#   make test        unit tests, then bootwire against other people's clients in namespaces
#   make crashes [ROUNDS=10000]   cuts the power of a lease store in so many lives, at a random write
#                    each, and counts what was acknowledged and is lost
#   make test-release  the tables once more, optimized, and `make simulate`
#   make fuzz [SECONDS=30] [TARGET=dhcp]   made-up bytes for everything that reads strangers'
#   make simulate [SEEDS=1000] [MACHINES=50] [FIRST=1]   histories of boots on a failing network with a
#                    failing disk, from seed FIRST on; a failing one says its line for the table of
#                    regressions; [SEEDS=1 TRACE=7]: what machine 7 of seed FIRST says and is told
#   make sanitize [SANITIZER=address|thread]   the tests, watched for misuse of memory and for races
#   make soak [MINUTES=30]   mixed load, faults and reloads; memory, descriptors and the like stay flat
#   make build       the debug binary          make lint      Swift and shell style
#   make release     static, stripped, checked  make install   PREFIX=/usr/local DESTDIR=
#   make packages    what is missing, by apt   make clean

.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: all build test crashes test-release simulate fuzz sanitize soak boot times fleet captures \
	replays lint release install packages build-packages clean

# One boot is of a BIOS machine, unless it is said; times are of all.
TIMED := $(if $(FIRMWARE),$(FIRMWARE),all)
FIRMWARE ?= bios
SCENARIO ?=
CAPTURE ?=
UNPRIVILEGED ?=
ROUNDS ?= 1
TUNED ?=
RECORDINGS ?=
NAME ?=
MACHINES ?= 10000
SECONDS ?= 30
TARGET ?=
SANITIZER ?= address thread
MINUTES ?= 30
CLIENTS ?= 1000
SEEDS ?= 1000
FIRST ?= 1
TRACE ?=
FOLDER ?= Fixtures/replays
PREFIX ?= /usr/local
DESTDIR ?=
# systemd looks for units below both prefixes.
SYSTEMD ?= $(PREFIX)/lib/systemd/system
# The largest stripped binary that `make release` passes, in bytes.
LARGEST ?= 25000000

# sudo takes the PATH away that swift was on; toolchains have few homes.
SWIFT ?= $(shell command -v swift || ls /opt/swift/usr/bin/swift /usr/local/swift/usr/bin/swift \
	/usr/libexec/swift/bin/swift $${SUDO_USER:+/home/$$SUDO_USER/.local/share/swiftly/bin/swift} 2>/dev/null | head -n 1)
# Namespaces and QEMU's network need root; building does not, and must not leave root's files in a
# folder that is somebody else's.
OWNER := $(shell stat -c %U .)
ifeq ($(shell id -u),0)
ROOT :=
AS_OWNER := $(if $(filter-out root UNKNOWN,$(OWNER)),runuser -u $(OWNER) -- env HOME=$(shell getent passwd $(OWNER) | cut -d: -f6))
else
ROOT := sudo
AS_OWNER :=
endif
BUILD = $(AS_OWNER) $(SWIFT) build

DEBUG := .build/debug/bootwire
RELEASE := .build/release/bootwire
STRIPPED := .build/bootwire

all: build

build: build-packages
	@test -n "$(SWIFT)" || { echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux"; exit 1; }
	$(BUILD) --product bootwire

test: packages
	@test -n "$(SWIFT)" || { echo "Swift 6.2 or later is needed: https://www.swift.org/install/linux"; exit 1; }
	$(AS_OWNER) $(SWIFT) test
	$(BUILD) --product bootwire
	$(ROOT) env BOOTWIRE=$(abspath $(DEBUG)) Tests/Lab/all.sh

# Of the store's crash tests more rounds than `make test` has time for.
crashes: SHELL := /bin/bash
crashes: build-packages
	@set -o pipefail; \
	$(AS_OWNER) env BOOTWIRE_CRASHES=$(if $(filter command line,$(origin ROUNDS)),$(ROUNDS),10000) \
		$(SWIFT) test --filter 'StoreTests.PowerLossTests' | tee .build/crashes.log | grep -vE '^\[|started'
	@grep '^crashes: .* 0 with a lost lease, 0 databases set aside' .build/crashes.log

# Optimized code keeps its bounds checks: every prefix and octet of every fixture once more.
OPTIMIZED_TEST = $(AS_OWNER) env SEEDS=$(SEEDS) MACHINES=$(MACHINES) FIRST=$(FIRST) TRACE=$(TRACE) \
	$(SWIFT) test -c release -Xswiftc -enable-testing --scratch-path .build-release
test-release simulate: MACHINES = 50

test-release: build-packages
	$(OPTIMIZED_TEST) --filter \
		'BytesTests|NetworkTests|WireTests|BootTests|ServicesTests|CaptureTests|ReplayTests|SimulationTests'

simulate: build-packages
	$(OPTIMIZED_TEST) --filter SimulationTests

# Optimized, because a trap is one in release too, and because it is ten times as fast.
fuzz: build-packages
	$(AS_OWNER) env BOOTWIRE_FUZZ=1 $(SWIFT) build -c release --product fuzz \
		-Xswiftc -sanitize=fuzzer,address --scratch-path .build-fuzz
	$(AS_OWNER) env FUZZ=$(abspath .build-fuzz/release/fuzz) SECONDS_EACH=$(SECONDS) Tests/Lab/fuzz.sh $(TARGET)

sanitize: build-packages
	$(AS_OWNER) env SWIFT=$(SWIFT) Tests/Lab/sanitize.sh $(SANITIZER)

soak: packages $(STRIPPED)
	@Tests/Lab/packages.sh soak
	$(ROOT) env BOOTWIRE=$(abspath $(STRIPPED)) MINUTES=$(MINUTES) Tests/Lab/soak.sh

boot: packages build
	@Tests/Lab/packages.sh $(FIRMWARE) $(SCENARIO) $(if $(CAPTURE),capture)
	$(ROOT) env BOOTWIRE=$(abspath $(DEBUG)) UNPRIVILEGED=$(UNPRIVILEGED) CAPTURE=$(abspath $(CAPTURE)) \
		$(if $(SCENARIO),Tests/Lab/scenario.sh $(SCENARIO) $(if $(filter install,$(SCENARIO)),$(FIRMWARE)),Tests/Lab/boot.sh $(FIRMWARE))

# What people run is compared: the optimized binary. FIRMWARE is all of them unless it is said.
times: packages release
	@Tests/Lab/packages.sh times $(TIMED)
	$(ROOT) env BOOTWIRE=$(abspath $(STRIPPED)) ROUNDS=$(ROUNDS) TUNED=$(TUNED) \
		RECORDINGS=$(abspath $(RECORDINGS)) Tests/Lab/times.sh $(TIMED)

fleet: packages $(STRIPPED)
	@Tests/Lab/packages.sh fleet
	$(ROOT) env BOOTWIRE=$(abspath $(STRIPPED)) MACHINES=$(MACHINES) CLIENTS=$(CLIENTS) Tests/Lab/fleet.sh

captures: packages build
	@Tests/Lab/packages.sh all times
	$(ROOT) env BOOTWIRE=$(abspath $(DEBUG)) FOLDER=$(abspath $(FOLDER)) Tests/Lab/captures.sh $(NAME)

replays: packages $(STRIPPED)
	$(ROOT) env BOOTWIRE=$(abspath $(STRIPPED)) Tests/Lab/replays.sh

lint:
	$(AS_OWNER) $(SWIFT) format lint --strict --recursive --parallel Package.swift Sources Tests
	shellcheck -x Tests/Lab/*.sh Tests/Lab/installer/*.sh .ci/run

# One reference into full Foundation brings 40 MB of ICU along, so it is looked for by name.
release: build-packages
	$(BUILD) -c release --static-swift-stdlib --product bootwire
	@! nm $(RELEASE) | grep -m 1 icudt || { echo "ICU is linked in: something imports Foundation" >&2; exit 1; }
	strip -o $(STRIPPED) $(RELEASE)
	@size=$$(stat -c %s $(STRIPPED)); echo "$(STRIPPED): $$size bytes"; \
	if [ "$$size" -gt $(LARGEST) ]; then echo "That is more than $(LARGEST)." >&2; exit 1; fi

$(STRIPPED):
	$(MAKE) release

install: $(STRIPPED)
	install -D -m 755 $(STRIPPED) $(DESTDIR)$(PREFIX)/bin/bootwire
	install -d $(DESTDIR)$(SYSTEMD)
	sed 's#/usr/bin/bootwire#$(PREFIX)/bin/bootwire#' systemd/bootwire.service >$(DESTDIR)$(SYSTEMD)/bootwire.service
	install -D -m 644 systemd/bootwire.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/bootwire.conf
	install -D -m 644 systemd/bootwire.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/bootwire.conf
	install -D -m 644 systemd/90-bootwire.conf $(DESTDIR)$(PREFIX)/lib/sysctl.d/90-bootwire.conf

packages:
	@Tests/Lab/packages.sh

build-packages:
	@Tests/Lab/packages.sh build

clean:
	rm -rf .build
