import { ComponentEntity } from '../components/database/component.entity.js';

/** The tables of this release, as TypeORM sees them. */
export const ENTITIES = [ComponentEntity] as const;
