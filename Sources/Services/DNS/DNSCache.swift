import Network

/// What other servers said lately. Of bounded size: the oldest makes room.
struct DNSCache: Sendable {
  private var answers: [DNSQuestion: DNSAnswer] = [:]
  /// In the order in which they came; a question may stand here that is kept no more.
  private var order: [DNSQuestion] = []
  private var oldest = 0

  static let limit = 2_048

  func answer(to question: DNSQuestion, at now: Instant) -> DNSAnswer? {
    guard let answer = answers[question], answer.expiry > now else { return nil }
    return answer
  }

  mutating func keep(_ answer: DNSAnswer, to question: DNSQuestion, at now: Instant) {
    guard answer.expiry > now else {
      // The place stays its own: the same question will come again.
      answers[question]? = answer
      return
    }
    if answers.updateValue(answer, forKey: question) != nil { return }
    if order.count < Self.limit { return order.append(question) }
    answers[order[oldest]] = nil
    order[oldest] = question
    oldest = (oldest + 1) % Self.limit
  }
}
