import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Numbers of gateway processes (id.instanceNum.class: sequence): each start takes the next, and none comes back. */
export class CreateInstanceNumbers1764000000001 implements MigrationInterface {
  readonly name = 'CreateInstanceNumbers1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`CREATE SEQUENCE instance_numbers AS bigint`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP SEQUENCE instance_numbers`);
  }
}
