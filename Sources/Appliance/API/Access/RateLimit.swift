import Network

/// How often each of many may do something: a bucket of permits for each, which fills by time.
///
/// The table is bounded: when it is full, the half whose buckets are fullest is forgotten, which
/// costs nobody a refusal and gives hardly any permit away.
struct RateLimit<Key: Hashable & Sendable>: Sendable {
  /// How many permits a bucket holds.
  let burst: Double
  /// How many come back each second.
  let rate: Double
  private let limit: Int
  private var buckets: [Key: Bucket] = [:]

  private struct Bucket {
    var permits: Double
    var time: Instant
  }

  init(burst: Int, perSecond rate: Double, keys limit: Int = 4_096) {
    precondition(burst > 0 && rate > 0 && limit > 1, "a limit lets something through")
    self.burst = Double(burst)
    self.rate = rate
    self.limit = limit
  }

  var count: Int { buckets.count }

  /// Takes a permit; nil when there was one, else the seconds until there is.
  mutating func spend(_ key: Key, at now: Instant) -> Int? {
    var bucket = filled(key, at: now)
    defer { keep(bucket, of: key) }
    guard bucket.permits >= 1 else { return wait(bucket) }
    bucket.permits -= 1
    return nil
  }

  /// The seconds until there is a permit; nil when there is one now.
  func wait(_ key: Key, at now: Instant) -> Int? {
    let bucket = filled(key, at: now)
    return bucket.permits >= 1 ? nil : wait(bucket)
  }

  private func wait(_ bucket: Bucket) -> Int {
    max(1, Int(((1 - bucket.permits) / rate).rounded(.up)))
  }

  private func filled(_ key: Key, at now: Instant) -> Bucket {
    guard let bucket = buckets[key] else { return Bucket(permits: burst, time: now) }
    let seconds = Double(max(0, (now - bucket.time).nanoseconds)) / 1e9
    return Bucket(permits: min(burst, bucket.permits + seconds * rate), time: now)
  }

  private mutating func keep(_ bucket: Bucket, of key: Key) {
    if buckets[key] == nil, buckets.count >= limit {
      let now = bucket.time
      let fullest = buckets.keys.sorted {
        filled($0, at: now).permits > filled($1, at: now).permits
      }
      for key in fullest.prefix(limit / 2) { buckets[key] = nil }
    }
    buckets[key] = bucket
  }
}
