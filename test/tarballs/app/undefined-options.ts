import type {
  AttrsOptions,
  ClientOptions,
  DeliveryPlaceOptions,
  FindOptions,
  HealOptions,
  UnversionedOptions,
  UploaderOptions,
  UploadOptions,
  WhenReadyOptions,
  WhyOptions,
} from '@safelight/client';
import type { FakeClientOptions } from '@safelight/client/testing';

// Compiled, never run: with `exactOptionalPropertyTypes`, each optional option accepts `undefined`, as it does at run time.
type Optional<Options> = {
  [Name in keyof Options]-?: object extends Pick<Options, Name> ? Name : never;
}[keyof Options];
type Refusing<Options> = Options extends unknown
  ? {
      [Name in Optional<Options>]: Record<Name, undefined> extends Pick<Options, Name> ? never : Name;
    }[Optional<Options>]
  : never;
/** `true`, or the names of the options that refuse `undefined`; the compiler prints them. */
type Accepts<Options> = [Refusing<Options>] extends [never] ? true : Refusing<Options>;

export const accepting: {
  readonly attrs: Accepts<AttrsOptions>;
  readonly client: Accepts<ClientOptions>;
  readonly fake: Accepts<FakeClientOptions>;
  readonly find: Accepts<FindOptions>;
  readonly heal: Accepts<HealOptions>;
  readonly place: Accepts<DeliveryPlaceOptions>;
  readonly unversioned: Accepts<UnversionedOptions>;
  readonly upload: Accepts<UploadOptions>;
  readonly uploader: Accepts<UploaderOptions>;
  readonly whenReady: Accepts<WhenReadyOptions>;
  readonly why: Accepts<WhyOptions>;
} = {
  attrs: true,
  client: true,
  fake: true,
  find: true,
  heal: true,
  place: true,
  unversioned: true,
  upload: true,
  uploader: true,
  whenReady: true,
  why: true,
};
