import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace vmft. */
export namespace vmft {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a Frame.
         * @deprecated Use vmft.v1.Frame.$Properties instead.
         */
        interface IFrame extends vmft.v1.Frame.$Properties {
        }

        /** Represents a Frame. */
        class Frame {

            /**
             * Constructs a new Frame.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Frame.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Frame hello. */
            hello?: (vmft.v1.Hello.$Properties|null);

            /** Frame welcome. */
            welcome?: (vmft.v1.Welcome.$Properties|null);

            /** Frame refusal. */
            refusal?: (vmft.v1.Refusal.$Properties|null);

            /** Frame log. */
            log?: (Uint8Array|null);

            /** Frame pages. */
            pages?: (vmft.v1.Pages.$Properties|null);

            /** Frame clusters. */
            clusters?: (vmft.v1.Clusters.$Properties|null);

            /** Frame state. */
            state?: (vmft.v1.State.$Properties|null);

            /** Frame received. */
            received?: (vmft.v1.Received.$Properties|null);

            /** Frame beat. */
            beat?: (vmft.v1.Beat.$Properties|null);

            /** Frame leave. */
            leave?: (vmft.v1.Leave.$Properties|null);

            /** Frame frame. */
            frame?: ("hello"|"welcome"|"refusal"|"log"|"pages"|"clusters"|"state"|"received"|"beat"|"leave");

            /**
             * Encodes the specified Frame message. Does not implicitly {@link vmft.v1.Frame.verify|verify} messages.
             * @param message Frame message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Frame.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Frame message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Frame & vmft.v1.Frame.$Shape} Frame
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Frame & vmft.v1.Frame.$Shape;
        }

        namespace Frame {

            /** Properties of a Frame. */
            interface $Properties {

                /** Frame hello */
                hello?: (vmft.v1.Hello.$Properties|null);

                /** Frame welcome */
                welcome?: (vmft.v1.Welcome.$Properties|null);

                /** Frame refusal */
                refusal?: (vmft.v1.Refusal.$Properties|null);

                /** Frame log */
                log?: (Uint8Array|null);

                /** Frame pages */
                pages?: (vmft.v1.Pages.$Properties|null);

                /** Frame clusters */
                clusters?: (vmft.v1.Clusters.$Properties|null);

                /** Frame state */
                state?: (vmft.v1.State.$Properties|null);

                /** Frame received */
                received?: (vmft.v1.Received.$Properties|null);

                /** Frame beat */
                beat?: (vmft.v1.Beat.$Properties|null);

                /** Frame leave */
                leave?: (vmft.v1.Leave.$Properties|null);

                /** Frame frame */
                frame?: ("hello"|"welcome"|"refusal"|"log"|"pages"|"clusters"|"state"|"received"|"beat"|"leave");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of a Frame. */
            type $Shape = {
              hello?: vmft.v1.Hello.$Shape|null;
              welcome?: vmft.v1.Welcome.$Shape|null;
              refusal?: vmft.v1.Refusal.$Shape|null;
              log?: Uint8Array|null;
              pages?: vmft.v1.Pages.$Shape|null;
              clusters?: vmft.v1.Clusters.$Shape|null;
              state?: vmft.v1.State.$Shape|null;
              received?: vmft.v1.Received.$Shape|null;
              beat?: vmft.v1.Beat.$Shape|null;
              leave?: vmft.v1.Leave.$Shape|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ frame?: undefined; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "hello"; hello: vmft.v1.Hello.$Shape; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "welcome"; hello?: null; welcome: vmft.v1.Welcome.$Shape; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "refusal"; hello?: null; welcome?: null; refusal: vmft.v1.Refusal.$Shape; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "log"; hello?: null; welcome?: null; refusal?: null; log: Uint8Array; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "pages"; hello?: null; welcome?: null; refusal?: null; log?: null; pages: vmft.v1.Pages.$Shape; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "clusters"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters: vmft.v1.Clusters.$Shape; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "state"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state: vmft.v1.State.$Shape; received?: null; beat?: null; leave?: null }|{ frame?: "received"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received: vmft.v1.Received.$Shape; beat?: null; leave?: null }|{ frame?: "beat"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat: vmft.v1.Beat.$Shape; leave?: null }|{ frame?: "leave"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave: vmft.v1.Leave.$Shape })
            );
        }

        /**
         * Properties of a Hello.
         * @deprecated Use vmft.v1.Hello.$Properties instead.
         */
        interface IHello extends vmft.v1.Hello.$Properties {
        }

        /** Represents a Hello. */
        class Hello {

            /**
             * Constructs a new Hello.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Hello.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Hello format. */
            format: string;

            /** Hello version. */
            version: number;

            /** Hello build. */
            build: string;

            /** Hello behaviour. */
            behaviour: number;

            /**
             * Encodes the specified Hello message. Does not implicitly {@link vmft.v1.Hello.verify|verify} messages.
             * @param message Hello message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Hello.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Hello message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Hello & vmft.v1.Hello.$Shape} Hello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Hello & vmft.v1.Hello.$Shape;
        }

        namespace Hello {

            /** Properties of a Hello. */
            interface $Properties {

                /** Hello format */
                format?: (string|null);

                /** Hello version */
                version?: (number|null);

                /** Hello build */
                build?: (string|null);

                /** Hello behaviour */
                behaviour?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Hello. */
            type $Shape = vmft.v1.Hello.$Properties;
        }

        /**
         * Properties of a Welcome.
         * @deprecated Use vmft.v1.Welcome.$Properties instead.
         */
        interface IWelcome extends vmft.v1.Welcome.$Properties {
        }

        /** Represents a Welcome. */
        class Welcome {

            /**
             * Constructs a new Welcome.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Welcome.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Welcome run. */
            run: string;

            /** Welcome epoch. */
            epoch: number;

            /** Welcome holder. */
            holder: string;

            /** Welcome arbiter. */
            arbiter: string;

            /** Welcome networks. */
            networks: string[];

            /** Welcome disks. */
            disks: string[];

            /** Welcome identities. */
            identities: string[];

            /** Welcome host. */
            host: string;

            /** Welcome timeout. */
            timeout: number;

            /** Welcome console. */
            console: number;

            /**
             * Encodes the specified Welcome message. Does not implicitly {@link vmft.v1.Welcome.verify|verify} messages.
             * @param message Welcome message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Welcome.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Welcome message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Welcome & vmft.v1.Welcome.$Shape} Welcome
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Welcome & vmft.v1.Welcome.$Shape;
        }

        namespace Welcome {

            /** Properties of a Welcome. */
            interface $Properties {

                /** Welcome run */
                run?: (string|null);

                /** Welcome epoch */
                epoch?: (number|null);

                /** Welcome holder */
                holder?: (string|null);

                /** Welcome arbiter */
                arbiter?: (string|null);

                /** Welcome networks */
                networks?: (string[]|null);

                /** Welcome disks */
                disks?: (string[]|null);

                /** Welcome identities */
                identities?: (string[]|null);

                /** Welcome host */
                host?: (string|null);

                /** Welcome timeout */
                timeout?: (number|null);

                /** Welcome console */
                console?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Welcome. */
            type $Shape = vmft.v1.Welcome.$Properties;
        }

        /**
         * Properties of a Refusal.
         * @deprecated Use vmft.v1.Refusal.$Properties instead.
         */
        interface IRefusal extends vmft.v1.Refusal.$Properties {
        }

        /** Represents a Refusal. */
        class Refusal {

            /**
             * Constructs a new Refusal.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Refusal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Refusal reason. */
            reason: string;

            /**
             * Encodes the specified Refusal message. Does not implicitly {@link vmft.v1.Refusal.verify|verify} messages.
             * @param message Refusal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Refusal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Refusal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Refusal & vmft.v1.Refusal.$Shape} Refusal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Refusal & vmft.v1.Refusal.$Shape;
        }

        namespace Refusal {

            /** Properties of a Refusal. */
            interface $Properties {

                /** Refusal reason */
                reason?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Refusal. */
            type $Shape = vmft.v1.Refusal.$Properties;
        }

        /**
         * Properties of a Pages.
         * @deprecated Use vmft.v1.Pages.$Properties instead.
         */
        interface IPages extends vmft.v1.Pages.$Properties {
        }

        /** Represents a Pages. */
        class Pages {

            /**
             * Constructs a new Pages.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Pages.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Pages numbers. */
            numbers: number[];

            /** Pages content. */
            content: Uint8Array;

            /**
             * Encodes the specified Pages message. Does not implicitly {@link vmft.v1.Pages.verify|verify} messages.
             * @param message Pages message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Pages.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Pages message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Pages & vmft.v1.Pages.$Shape} Pages
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Pages & vmft.v1.Pages.$Shape;
        }

        namespace Pages {

            /** Properties of a Pages. */
            interface $Properties {

                /** Pages numbers */
                numbers?: (number[]|null);

                /** Pages content */
                content?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Pages. */
            type $Shape = vmft.v1.Pages.$Properties;
        }

        /**
         * Properties of a Clusters.
         * @deprecated Use vmft.v1.Clusters.$Properties instead.
         */
        interface IClusters extends vmft.v1.Clusters.$Properties {
        }

        /** Represents a Clusters. */
        class Clusters {

            /**
             * Constructs a new Clusters.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Clusters.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Clusters slot. */
            slot: number;

            /** Clusters numbers. */
            numbers: (number|Long)[];

            /** Clusters written. */
            written: number[];

            /** Clusters content. */
            content: Uint8Array;

            /**
             * Encodes the specified Clusters message. Does not implicitly {@link vmft.v1.Clusters.verify|verify} messages.
             * @param message Clusters message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Clusters.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Clusters message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Clusters & vmft.v1.Clusters.$Shape} Clusters
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Clusters & vmft.v1.Clusters.$Shape;
        }

        namespace Clusters {

            /** Properties of a Clusters. */
            interface $Properties {

                /** Clusters slot */
                slot?: (number|null);

                /** Clusters numbers */
                numbers?: ((number|Long)[]|null);

                /** Clusters written */
                written?: (number[]|null);

                /** Clusters content */
                content?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Clusters. */
            type $Shape = vmft.v1.Clusters.$Properties;
        }

        /**
         * Properties of a State.
         * @deprecated Use vmft.v1.State.$Properties instead.
         */
        interface IState extends vmft.v1.State.$Properties {
        }

        /** Represents a State. */
        class State {

            /**
             * Constructs a new State.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.State.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** State fields. */
            fields: Uint8Array;

            /** State digest. */
            digest: (number|Long);

            /** State position. */
            position: (number|Long);

            /** State time. */
            time: (number|Long);

            /**
             * Encodes the specified State message. Does not implicitly {@link vmft.v1.State.verify|verify} messages.
             * @param message State message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.State.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a State message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.State & vmft.v1.State.$Shape} State
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.State & vmft.v1.State.$Shape;
        }

        namespace State {

            /** Properties of a State. */
            interface $Properties {

                /** State fields */
                fields?: (Uint8Array|null);

                /** State digest */
                digest?: (number|Long|null);

                /** State position */
                position?: (number|Long|null);

                /** State time */
                time?: (number|Long|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a State. */
            type $Shape = vmft.v1.State.$Properties;
        }

        /**
         * Properties of a Received.
         * @deprecated Use vmft.v1.Received.$Properties instead.
         */
        interface IReceived extends vmft.v1.Received.$Properties {
        }

        /** Represents a Received. */
        class Received {

            /**
             * Constructs a new Received.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Received.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Received offset. */
            offset: (number|Long);

            /** Received position. */
            position: (number|Long);

            /** Received stamp. */
            stamp: number;

            /**
             * Encodes the specified Received message. Does not implicitly {@link vmft.v1.Received.verify|verify} messages.
             * @param message Received message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Received.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Received message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Received & vmft.v1.Received.$Shape} Received
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Received & vmft.v1.Received.$Shape;
        }

        namespace Received {

            /** Properties of a Received. */
            interface $Properties {

                /** Received offset */
                offset?: (number|Long|null);

                /** Received position */
                position?: (number|Long|null);

                /** Received stamp */
                stamp?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Received. */
            type $Shape = vmft.v1.Received.$Properties;
        }

        /**
         * Properties of a Beat.
         * @deprecated Use vmft.v1.Beat.$Properties instead.
         */
        interface IBeat extends vmft.v1.Beat.$Properties {
        }

        /** Represents a Beat. */
        class Beat {

            /**
             * Constructs a new Beat.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Beat.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Beat time. */
            time: (number|Long);

            /** Beat released. */
            released: (number|Long);

            /** Beat stamp. */
            stamp: number;

            /** Beat position. */
            position: (number|Long);

            /** Beat leased. */
            leased: boolean;

            /**
             * Encodes the specified Beat message. Does not implicitly {@link vmft.v1.Beat.verify|verify} messages.
             * @param message Beat message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Beat.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Beat message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Beat & vmft.v1.Beat.$Shape} Beat
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Beat & vmft.v1.Beat.$Shape;
        }

        namespace Beat {

            /** Properties of a Beat. */
            interface $Properties {

                /** Beat time */
                time?: (number|Long|null);

                /** Beat released */
                released?: (number|Long|null);

                /** Beat stamp */
                stamp?: (number|null);

                /** Beat position */
                position?: (number|Long|null);

                /** Beat leased */
                leased?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Beat. */
            type $Shape = vmft.v1.Beat.$Properties;
        }

        /**
         * Properties of a Leave.
         * @deprecated Use vmft.v1.Leave.$Properties instead.
         */
        interface ILeave extends vmft.v1.Leave.$Properties {
        }

        /** Represents a Leave. */
        class Leave {

            /**
             * Constructs a new Leave.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Leave.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /**
             * Encodes the specified Leave message. Does not implicitly {@link vmft.v1.Leave.verify|verify} messages.
             * @param message Leave message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Leave.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Leave message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Leave & vmft.v1.Leave.$Shape} Leave
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Leave & vmft.v1.Leave.$Shape;
        }

        namespace Leave {

            /** Properties of a Leave. */
            interface $Properties {

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Leave. */
            type $Shape = vmft.v1.Leave.$Properties;
        }
    }
}
