package io.github.resilience4j.circuitbreaker.internal;

import java.util.concurrent.ScheduledExecutorService;
import oracle.ManualTime;

/**
 * Stands in the class path before resilience4j's own: its breaker takes a clock, but no scheduler, so that the transitions by timer
 * would run in real time.
 */
public class SchedulerFactory {
    private static final SchedulerFactory INSTANCE = new SchedulerFactory();

    public static SchedulerFactory getInstance() {
        return INSTANCE;
    }

    public ScheduledExecutorService getScheduler() {
        return ManualTime.current().scheduler();
    }
}
