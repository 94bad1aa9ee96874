import io.github.bucket4j.Bandwidth;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.TimeMeter;
import java.time.Duration;
import java.util.Random;

/** Replays random sequences on bucket4j itself and prints what it gave, as JSON. Run by record.sh. */
public class Record {
  static long nowNanos = 1_000_000_000_000L;

  public static void main(String[] args) {
    TimeMeter clock =
        new TimeMeter() {
          @Override
          public long currentTimeNanos() {
            return nowNanos;
          }

          @Override
          public boolean isWallClockBased() {
            return false;
          }
        };
    Random random = new Random(20_261_129L);
    long[] limits = {1, 2, 3, 5, 7, 10, 60, 100, 997, 10_000};
    long[] periods = {1_000, 250_000, 1_000_000, 1_700_003, 60_000_000, 3_600_000_000L};
    StringBuilder out = new StringBuilder("[\n");
    for (int sequence = 0; sequence < 60; sequence++) {
      long limit = limits[random.nextInt(limits.length)];
      long periodUs = periods[random.nextInt(periods.length)];
      Bucket bucket =
          Bucket.builder()
              .addLimit(Bandwidth.builder().capacity(limit).refillGreedy(limit, Duration.ofNanos(periodUs * 1000)).build())
              .withCustomTimePrecision(clock)
              .build();
      out.append(sequence == 0 ? "" : ",\n").append("{\"limit\":").append(limit).append(",\"periodUs\":").append(periodUs).append(",\"steps\":[");
      long latestNanos = nowNanos;
      for (int step = 0; step < 50; step++) {
        // Ours waits no longer than a period for a clock that jumped back; bucket4j waits for good.
        long us = Math.max(pause(random, limit, periodUs), (latestNanos - nowNanos) / 1000 - periodUs);
        nowNanos += us * 1000;
        latestNanos = Math.max(latestNanos, nowNanos);
        long returned = random.nextInt(8) == 0 ? 1 + random.nextInt((int) Math.min(limit, 5)) : 0;
        // Where they fill the bucket, bucket4j keeps a part of a token above the limit; ours does not.
        returned = Math.max(0, Math.min(returned, limit - 1 - bucket.getAvailableTokens()));
        if (returned > 0) bucket.addTokens(returned);
        long want = random.nextInt(4) == 0 ? 1 + random.nextInt((int) limit) : 1 + random.nextInt(2);
        long granted = 0;
        while (granted < want && bucket.tryConsume(1)) granted++;
        long remaining = bucket.getAvailableTokens();
        long nextNanos = bucket.estimateAbilityToConsume(remaining + 1 > limit ? limit : remaining + 1).getNanosToWaitForRefill();
        out.append(step == 0 ? "" : ",").append('[').append(us).append(',').append(returned).append(',').append(want).append(',')
            .append(granted).append(',').append(remaining).append(',').append((nextNanos + 999) / 1000).append(']');
      }
      out.append("]}");
    }
    System.out.println(out.append("\n]"));
  }

  /** Bursts, borders of a token and of the period, quiet spells, and a clock that jumps back a little. */
  static long pause(Random random, long limit, long periodUs) {
    switch (random.nextInt(9)) {
      case 0: return 0;
      case 1: return periodUs / limit;
      case 2: return (periodUs + limit - 1) / limit;
      case 3: return periodUs;
      case 4: return periodUs * (1 + random.nextInt(1000));
      case 5: return -(long) (random.nextDouble() * periodUs);
      default: return (long) (random.nextDouble() * 2 * periodUs / limit);
    }
  }
}
