/** Lets at most n requests be answered at one time. */
export function limitInFlight(n, log) {
  let inFlight = 0;
  return (_, response, next) => {
    if (inFlight >= n) {
      log.info("request refused", { status: 503, reason: "too many requests in flight" });
      response.setHeader("Retry-After", "1");
      response.status(503).send("too many requests in flight");
      return;
    }
    inFlight++;
    response.on("close", () => inFlight--);
    next();
  };
}
