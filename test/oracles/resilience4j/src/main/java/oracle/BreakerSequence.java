package oracle;

import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreaker.Metrics;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowSynchronizationStrategy;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig.SlidingWindowType;
import java.time.Clock;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Calls of a breaker under way at once, ending in any order, well or badly, early or after changes of state. Operations: a acquire,
 * s success, f failure, r release, O force open, D disable, C close, R reset. What is noted holds after the operation.
 * Rules with timers are not reset: resilience4j leaves the timer of the old state running, which then fails or opens the closed breaker.
 */
final class BreakerSequence {
    private static final int STEPS = 100;
    private final Random random;
    private final ManualTime time = ManualTime.begin();
    private final Record record = new Record();
    private final CircuitBreaker breaker;
    private final int slowMs;
    private final int openMs;
    private final int permits;
    private final boolean hasTimers;
    private int underWay = 0;
    /** Calls let through since the breaker last became half-open: only these are released then, see CircuitBreaker.release. */
    private int onTrial = 0;
    private double badness = 0.4;

    static String play(Random random, int number) {
        return new BreakerSequence(random, number).play();
    }

    private BreakerSequence(Random random, int number) {
        this.random = random;
        boolean timeBased = number % 2 == 1;
        int size = timeBased ? between(1, 8) : between(2, 20);
        int minimum = between(1, 10);
        slowMs = between(1, 100);
        openMs = between(1, 3000);
        permits = between(1, 6);
        int failureRate = random.nextInt(5) == 0 ? 100 : between(5, 70);
        int slowRate = random.nextBoolean() ? 100 : between(5, 90);
        boolean automatic = random.nextBoolean();
        int halfOpenMs = random.nextInt(3) == 0 ? between(1, 2000) : 0;
        hasTimers = automatic || halfOpenMs > 0;
        record.rule("slidingWindowType", timeBased ? "TIME_BASED" : "COUNT_BASED").rule("slidingWindowSize", size)
            .rule("failureRateThreshold", failureRate).rule("minimumNumberOfCalls", minimum)
            .rule("slowCallDurationThreshold", slowMs).rule("slowCallRateThreshold", slowRate)
            .rule("permittedNumberOfCallsInHalfOpenState", permits)
            .rule("automaticTransitionFromOpenToHalfOpenEnabled", automatic)
            .rule("maxWaitDurationInHalfOpenState", halfOpenMs).rule("waitDurationInOpenState", openMs);
        breaker = CircuitBreaker.of("oracle", CircuitBreakerConfig.custom()
            .clock(time).currentTimestampFunction(Clock::millis, TimeUnit.MILLISECONDS)
            .slidingWindow(size, minimum, timeBased ? SlidingWindowType.TIME_BASED : SlidingWindowType.COUNT_BASED,
                SlidingWindowSynchronizationStrategy.SYNCHRONIZED)
            .failureRateThreshold(failureRate).slowCallRateThreshold(slowRate)
            .slowCallDurationThreshold(Duration.ofMillis(slowMs))
            .permittedNumberOfCallsInHalfOpenState(permits)
            .automaticTransitionFromOpenToHalfOpenEnabled(automatic)
            .maxWaitDurationInHalfOpenState(Duration.ofMillis(halfOpenMs))
            .waitDurationInOpenState(Duration.ofMillis(openMs)).build());
        breaker.getEventPublisher().onStateTransition(event -> onTrial = 0);
    }

    private int between(int low, int high) {
        return low + random.nextInt(high - low + 1);
    }

    private String play() {
        for (int step = 0; step < STEPS; step++) {
            if (random.nextInt(15) == 0) badness = random.nextDouble();
            int pause = pause();
            time.advance(pause);
            char operation = operation();
            int duration = operation == 's' || operation == 'f' ? duration() : 0;
            boolean permitted = apply(operation, duration);
            note(pause, operation, duration, permitted);
        }
        return record.line();
    }

    /** Mostly none; now and then just the open wait, around it, or a long quiet spell. */
    private int pause() {
        return switch (random.nextInt(20)) {
            case 0 -> openMs;
            case 1 -> openMs + between(-1, 1);
            case 2 -> between(0, 5000);
            case 3 -> random.nextInt(4) == 0 ? between(10_000, 10_000_000) : 1000;
            case 4, 5, 6 -> between(0, 700);
            default -> 0;
        };
    }

    private int duration() {
        return random.nextDouble() < badness / 2 ? slowMs + between(0, 50) : random.nextInt(slowMs + 1);
    }

    private char operation() {
        int choice = random.nextInt(100);
        boolean forced = breaker.getState() == CircuitBreaker.State.FORCED_OPEN || breaker.getState() == CircuitBreaker.State.DISABLED;
        if (forced && choice >= 80) return 'C';
        if (choice >= 98) return "ODCR".charAt(random.nextInt(hasTimers ? 3 : 4));
        if (underWay == 0 || choice < 48) return 'a';
        boolean halfOpen = breaker.getState() == CircuitBreaker.State.HALF_OPEN;
        if (choice < 56 && (!halfOpen || onTrial > 0)) return 'r';
        return random.nextDouble() < badness ? 'f' : 's';
    }

    private boolean apply(char operation, int duration) {
        switch (operation) {
            case 'a' -> {
                boolean permitted = breaker.tryAcquirePermission();
                if (permitted) underWay++;
                if (permitted) onTrial++;
                return permitted;
            }
            case 's' -> breaker.onSuccess(duration, TimeUnit.MILLISECONDS);
            case 'f' -> breaker.onError(duration, TimeUnit.MILLISECONDS, new RuntimeException());
            case 'r' -> breaker.releasePermission();
            case 'O' -> breaker.transitionToForcedOpenState();
            case 'D' -> breaker.transitionToDisabledState();
            case 'C' -> breaker.transitionToClosedState();
            default -> breaker.reset();
        }
        if (operation == 's' || operation == 'f' || operation == 'r') {
            underWay--;
            onTrial = Math.max(0, onTrial - 1);
        }
        return false;
    }

    private void note(int pause, char operation, int duration, boolean permitted) {
        Metrics metrics = breaker.getMetrics();
        record.note("pause", pause).note("operation", operation).note("duration", duration)
            .note("permitted", permitted ? '1' : '0').note("state", "cohfd".charAt(stateNumber()))
            .note("calls", metrics.getNumberOfBufferedCalls()).note("failed", metrics.getNumberOfFailedCalls())
            .note("slow", metrics.getNumberOfSlowCalls()).note("notPermitted", metrics.getNumberOfNotPermittedCalls())
            .note("failureRate", metrics.getFailureRate()).note("slowRate", metrics.getSlowCallRate());
    }

    private int stateNumber() {
        return switch (breaker.getState()) {
            case CLOSED -> 0;
            case OPEN -> 1;
            case HALF_OPEN -> 2;
            case FORCED_OPEN -> 3;
            case DISABLED -> 4;
            default -> throw new IllegalStateException();
        };
    }
}
