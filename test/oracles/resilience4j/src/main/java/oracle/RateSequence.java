package oracle;

import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import java.lang.reflect.Field;
import java.time.Duration;
import java.util.Random;

/**
 * Requests at a rate limiter in bursts, at borders of cycles and after quiet spells. AtomicRateLimiter reads System.nanoTime() and takes
 * no clock: its own start of time is moved instead, so that at each step it is as much older as the sequence says. What passes between
 * is below a millisecond, or the sequence is played again. Noted: ms to wait for the permission (-1: refused), and the permissions that are
 * left, below 0 where requests wait for later cycles.
 */
final class RateSequence {
    private static final int STEPS = 150;
    private static final long MS = 1_000_000;

    static String play(Random random, int number) throws Exception {
        int period = 1 + random.nextInt(number % 2 == 0 ? 1000 : 20);
        int limit = 1 + random.nextInt(6);
        int timeout = random.nextInt(3) == 0 ? 0 : random.nextInt(4 * period);
        AtomicRateLimiter limiter = new AtomicRateLimiter("oracle", RateLimiterConfig.custom()
            .limitRefreshPeriod(Duration.ofMillis(period)).limitForPeriod(limit)
            .timeoutDuration(Duration.ofMillis(timeout)).build());
        Field start = AtomicRateLimiter.class.getDeclaredField("nanoTimeStart");
        start.setAccessible(true);
        Record record = new Record().rule("refreshPeriodMs", period).rule("periodLimit", limit).rule("timeoutMs", timeout);
        long age = 0;
        for (int step = 0; step < STEPS; step++) {
            int pause = pause(random, period, age);
            age += pause;
            long startedAt = System.nanoTime() - age * MS;
            start.setLong(limiter, startedAt);
            long wait = limiter.reservePermission(1);
            int available = limiter.getMetrics().getAvailablePermissions();
            if (System.nanoTime() - startedAt - age * MS >= MS) throw new Oracle.TooSlow();
            record.note("pause", pause).note("wait", wait <= 0 ? wait : (wait + MS - 1) / MS).note("available", available);
        }
        return record.line();
    }

    private static int pause(Random random, int period, long age) {
        int toNextCycle = (int) (period - age % period);
        return switch (random.nextInt(12)) {
            case 0 -> toNextCycle;
            case 1 -> toNextCycle - 1;
            case 2 -> random.nextInt(3 * period);
            case 3 -> random.nextInt(4) == 0 ? 1000 * period + random.nextInt(period) : period;
            case 4, 5 -> random.nextInt(period);
            default -> 0;
        };
    }
}
