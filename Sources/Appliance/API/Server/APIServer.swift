import Boot
import Bytes
import EventLoop
import Network
import TLS
import Wire

/// The API: on the control socket, whose file says who may ask, and by HTTPS for who has a token.
///
/// There are no cookies, so that no page of another site can make a browser ask in its user's name;
/// and no field allows one to (CORS): what is not asked by a program of the operator's is not
/// answered.
final class APIServer {
  unowned let appliance: Appliance
  let router: APIRouter
  var tokens: TokenBook
  var events: EventRing
  private(set) var streams: [EventStream] = []
  /// Bytes of bodies that are being received.
  var bodyByteCount = 0
  /// Names of tokens that are not durable yet.
  var namesInMaking: Set<String> = []

  private let control: StreamListener
  private var admin: StreamListener?
  private var byToken = RateLimit<String>(burst: 400, perSecond: 100)
  private var byAddress = RateLimit<IPv4Address>(burst: 400, perSecond: 100)
  private var failures = RateLimit<IPv4Address>(burst: 10, perSecond: 0.1)

  /// Bytes of all bodies at once.
  static let bodyByteCountMax = 64 << 20
  static let streamCountMax = 64

  init(
    _ appliance: Appliance, path: String, events: EventRing, tokens: TokenBook
  ) throws(SystemError) {
    self.appliance = appliance
    self.events = events
    self.tokens = tokens
    router = APIRouter(APIRoutes(appliance).all)
    control = try StreamListener(loop: appliance.loop, path: path)
    control.limits.connections = 96
    listen(on: control, isControl: true)
  }

  /// Opens the admin listener, or another in its place; nil closes it. Who is connected stays.
  func openAdmin(_ place: Endpoint?, _ tls: TLSContext?) throws(SystemError) {
    guard let place, let tls else {
      admin?.close()
      admin = nil
      return
    }
    if let admin, admin.local == place {
      admin.tls = tls
      return
    }
    let listener = try StreamListener(
      loop: appliance.loop, address: place.address, port: place.port, tls: tls)
    admin?.close()
    admin = listener
    listener.limits.connections = 256
    listener.limits.connectionsPerSource = 128
    listen(on: listener, isControl: false)
  }

  /// Where the admin listener is; nil when there is none.
  var adminPlace: Endpoint? { admin?.local }

  func close() {
    control.close()
    admin?.close()
    for stream in streams { stream.close() }
  }

  private func listen(on listener: StreamListener, isControl: Bool) {
    // A request that waits for its answer is held, and counts for none of these.
    listener.limits.idle = .seconds(60)
    listener.onConnection = { [unowned self] stream in
      let connection = APIConnection(stream, self, isControl: isControl)
      stream.onBytes = { connection.receive($0) }
      stream.onDrained = { connection.drained() }
      stream.onClosed = { [unowned self] ending in
        if case .insecure(let reason) = ending {
          appliance.record(
            Event(.handshakeFailed(reason: reason), address: connection.address))
        }
        connection.closed()
      }
    }
  }

  // MARK: Who asks

  /// - Parameter authorization: The values of the head's fields of that name.
  func principal(
    _ authorization: [[UInt8]], from address: IPv4Address?, isControl: Bool
  ) throws(APIRefusal) -> Principal {
    if isControl { return .controlSocket }
    let now = appliance.loop.now
    let source = address ?? .unspecified
    if let seconds = byAddress.spend(source, at: now) {
      throw .later(.tooManyRequests, seconds, "too many requests come from this address")
    }
    guard authorization.count == 1, let text = Self.bearer(authorization[0]),
      let token = tokens.token(text, at: appliance.loop.wallClock)
    else {
      if let seconds = failures.spend(source, at: now) {
        throw .later(.tooManyRequests, seconds, "too many tokens of this address were wrong")
      }
      throw unauthorized(authorization.isEmpty, source)
    }
    if let seconds = byToken.spend(token.id, at: now) {
      throw .later(.tooManyRequests, seconds, "too many requests come with this token")
    }
    noteUse(of: token)
    return Principal(
      name: "token \(token.name)", role: token.role, site: token.site, token: token.id)
  }

  private func unauthorized(_ isMissing: Bool, _ source: IPv4Address) -> APIRefusal {
    let what = isMissing ? "no token" : "a token that is not in force"
    if !isMissing {
      appliance.record(Event(.apiRefused(reason: "a token that is not in force"), address: source))
    }
    var refusal = APIRefusal(
      .unauthorized, "\(what) came with the request: say Authorization: Bearer bw_…")
    let challenge = "Bearer realm=\"bootwire\""
    refusal.fields = [
      HTTPResponseHead.Field(
        "WWW-Authenticate", isMissing ? challenge : challenge + ", error=\"invalid_token\"")
    ]
    return refusal
  }

  private func noteUse(of token: AccessToken) {
    guard let used = tokens.use(token.id, at: appliance.loop.wallClock) else { return }
    appliance.keep(.used(used))
  }

  /// What stands behind `Bearer`; nil for another scheme (RFC 6750 §2.1).
  private static func bearer(_ value: [UInt8]) -> [UInt8]? {
    let scheme = Array("bearer ".utf8)
    guard value.count > scheme.count,
      zip(value, scheme).allSatisfy({ ($0 | 0x20) == $1 || $0 == $1 })
    else { return nil }
    return Array(value.drop { $0 != 0x20 }.drop { $0 == 0x20 })
  }

  // MARK: Events

  /// Takes what happened; who follows is told at the end of the turn.
  func record(_ event: Event, at time: UnixTime) {
    events.append(event, at: time)
  }

  /// Sends what is new to who follows.
  func tellEvents() {
    for stream in streams { stream.pump() }
  }

  /// So that nobody between takes a silent stream for a dead one.
  ///
  /// A token that has expired ends its streams too.
  func keepStreamsAlive() {
    let now = appliance.loop.wallClock
    for stream in streams {
      if let token = stream.principal.token, tokens[token]?.isInForce(at: now) != true {
        stream.close()
      } else {
        stream.keepAlive()
      }
    }
  }

  func add(_ stream: EventStream) throws(APIRefusal) {
    guard streams.count < Self.streamCountMax else {
      throw .later(
        .unavailable, 30, "\(Self.streamCountMax) event streams are open, the most there can be")
    }
    streams.append(stream)
  }

  func remove(_ stream: EventStream) { streams.removeAll { $0 === stream } }

  /// Closes the streams of a token that is no longer in force.
  func closeStreams(of token: String) {
    for stream in streams where stream.principal.token == token { stream.close() }
  }
}
