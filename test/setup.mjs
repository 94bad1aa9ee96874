// CommonJS packages that require Nest fail inside jest's ESM loader unless Nest is loaded already.
import 'reflect-metadata';
import '@nestjs/common';
import '@nestjs/core';
