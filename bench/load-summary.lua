-- wrk prints rounded figures for people. This prints the exact ones as JSON, in the last line.
done = function(summary)
  local errors = summary.errors
  io.write(string.format('{"requests":%d,"bytes":%d,"microseconds":%d,"faults":%d}\n', summary.requests, summary.bytes,
    summary.duration, errors.connect + errors.read + errors.write + errors.timeout))
end
