import { applyDecorators, UseFilters, UseInterceptors } from '@nestjs/common';
import { ErrorFilter } from './error.filter.js';
import { FormatInterceptor } from './format.interceptor.js';
import { TraceIdInterceptor } from './trace-id.interceptor.js';

/**
 * What controllers outside the hot path have in common: ids, format and error bodies as on channels. Interceptors cost each request
 * more than the whole pipeline does, so channels have none (docs/performance.md).
 */
export const LowRate = (): ClassDecorator & MethodDecorator =>
  applyDecorators(UseInterceptors(TraceIdInterceptor, FormatInterceptor), UseFilters(ErrorFilter));
