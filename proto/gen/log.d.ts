import * as $protobuf from "protobufjs/minimal.js";
import Long = require("long");

/** Namespace vmft. */
export namespace vmft {

    /** Namespace v1. */
    namespace v1 {

        /**
         * Properties of a Log.
         * @deprecated Use vmft.v1.Log.$Properties instead.
         */
        interface ILog extends vmft.v1.Log.$Properties {
        }

        /** Represents a Log. */
        class Log {

            /**
             * Constructs a new Log.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Log.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Log header. */
            header?: (vmft.v1.Header.$Properties|null);

            /** Log entry. */
            entry: vmft.v1.Entry.$Properties[];

            /** Log image. */
            image: vmft.v1.ImageChunk.$Properties[];

            /** Log seal. */
            seal: vmft.v1.Seal.$Properties[];

            /**
             * Encodes the specified Log message. Does not implicitly {@link vmft.v1.Log.verify|verify} messages.
             * @param message Log message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Log.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Log message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Log & vmft.v1.Log.$Shape} Log
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Log & vmft.v1.Log.$Shape;
        }

        namespace Log {

            /** Properties of a Log. */
            interface $Properties {

                /** Log header */
                header?: (vmft.v1.Header.$Properties|null);

                /** Log entry */
                entry?: (vmft.v1.Entry.$Properties[]|null);

                /** Log image */
                image?: (vmft.v1.ImageChunk.$Properties[]|null);

                /** Log seal */
                seal?: (vmft.v1.Seal.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Log. */
            type $Shape = {
              header?: vmft.v1.Header.$Shape|null;
              entry?: vmft.v1.Entry.$Shape[]|null;
              image?: vmft.v1.ImageChunk.$Shape[]|null;
              seal?: vmft.v1.Seal.$Shape[]|null;
              $unknowns?: Uint8Array[];
            };
        }

        /**
         * Properties of a Header.
         * @deprecated Use vmft.v1.Header.$Properties instead.
         */
        interface IHeader extends vmft.v1.Header.$Properties {
        }

        /** Represents a Header. */
        class Header {

            /**
             * Constructs a new Header.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Header.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Header format. */
            format: string;

            /** Header major. */
            major: number;

            /** Header minor. */
            minor: number;

            /** Header producer. */
            producer: string;

            /** Header machine. */
            machine?: (vmft.v1.Machine.$Properties|null);

            /** Header rngSeed. */
            rngSeed: Uint8Array;

            /** Header wallClock. */
            wallClock: (number|Long);

            /** Header digestDistance. */
            digestDistance: (number|Long);

            /** Header images. */
            images: vmft.v1.Image.$Properties[];

            /** Header disks. */
            disks: vmft.v1.Disk.$Properties[];

            /**
             * Encodes the specified Header message. Does not implicitly {@link vmft.v1.Header.verify|verify} messages.
             * @param message Header message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Header.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Header message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Header & vmft.v1.Header.$Shape} Header
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Header & vmft.v1.Header.$Shape;
        }

        namespace Header {

            /** Properties of a Header. */
            interface $Properties {

                /** Header format */
                format?: (string|null);

                /** Header major */
                major?: (number|null);

                /** Header minor */
                minor?: (number|null);

                /** Header producer */
                producer?: (string|null);

                /** Header machine */
                machine?: (vmft.v1.Machine.$Properties|null);

                /** Header rngSeed */
                rngSeed?: (Uint8Array|null);

                /** Header wallClock */
                wallClock?: (number|Long|null);

                /** Header digestDistance */
                digestDistance?: (number|Long|null);

                /** Header images */
                images?: (vmft.v1.Image.$Properties[]|null);

                /** Header disks */
                disks?: (vmft.v1.Disk.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Header. */
            type $Shape = vmft.v1.Header.$Properties;
        }

        /**
         * Properties of a Machine.
         * @deprecated Use vmft.v1.Machine.$Properties instead.
         */
        interface IMachine extends vmft.v1.Machine.$Properties {
        }

        /** Represents a Machine. */
        class Machine {

            /**
             * Constructs a new Machine.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Machine.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Machine behaviour. */
            behaviour: number;

            /** Machine memory. */
            memory: (number|Long);

            /** Machine clock. */
            clock: vmft.v1.Clock;

            /** Machine commandLine. */
            commandLine: string;

            /** Machine devices. */
            devices: vmft.v1.Device.$Properties[];

            /**
             * Encodes the specified Machine message. Does not implicitly {@link vmft.v1.Machine.verify|verify} messages.
             * @param message Machine message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Machine.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Machine message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Machine & vmft.v1.Machine.$Shape} Machine
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Machine & vmft.v1.Machine.$Shape;
        }

        namespace Machine {

            /** Properties of a Machine. */
            interface $Properties {

                /** Machine behaviour */
                behaviour?: (number|null);

                /** Machine memory */
                memory?: (number|Long|null);

                /** Machine clock */
                clock?: (vmft.v1.Clock|null);

                /** Machine commandLine */
                commandLine?: (string|null);

                /** Machine devices */
                devices?: (vmft.v1.Device.$Properties[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Machine. */
            type $Shape = vmft.v1.Machine.$Properties;
        }

        /** Clock enum. */
        enum Clock {

            /** CLOCK_UNSPECIFIED value */
            CLOCK_UNSPECIFIED = 0,

            /** CLOCK_HOST value */
            CLOCK_HOST = 1,

            /** CLOCK_VIRTUAL value */
            CLOCK_VIRTUAL = 2
        }

        /**
         * Properties of a Device.
         * @deprecated Use vmft.v1.Device.$Properties instead.
         */
        interface IDevice extends vmft.v1.Device.$Properties {
        }

        /** Represents a Device. */
        class Device {

            /**
             * Constructs a new Device.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Device.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Device kind. */
            kind: string;

            /** Device slot. */
            slot: number;

            /** Device mac. */
            mac: Uint8Array;

            /** Device capacity. */
            capacity: (number|Long);

            /** Device writesImage. */
            writesImage: boolean;

            /** Device readOnly. */
            readOnly: boolean;

            /**
             * Encodes the specified Device message. Does not implicitly {@link vmft.v1.Device.verify|verify} messages.
             * @param message Device message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Device.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Device message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Device & vmft.v1.Device.$Shape} Device
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Device & vmft.v1.Device.$Shape;
        }

        namespace Device {

            /** Properties of a Device. */
            interface $Properties {

                /** Device kind */
                kind?: (string|null);

                /** Device slot */
                slot?: (number|null);

                /** Device mac */
                mac?: (Uint8Array|null);

                /** Device capacity */
                capacity?: (number|Long|null);

                /** Device writesImage */
                writesImage?: (boolean|null);

                /** Device readOnly */
                readOnly?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Device. */
            type $Shape = vmft.v1.Device.$Properties;
        }

        /**
         * Properties of an Image.
         * @deprecated Use vmft.v1.Image.$Properties instead.
         */
        interface IImage extends vmft.v1.Image.$Properties {
        }

        /** Represents an Image. */
        class Image {

            /**
             * Constructs a new Image.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Image.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Image role. */
            role: vmft.v1.Role;

            /** Image name. */
            name: string;

            /** Image size. */
            size: (number|Long);

            /** Image sha256. */
            sha256: Uint8Array;

            /** Image embedded. */
            embedded: boolean;

            /**
             * Encodes the specified Image message. Does not implicitly {@link vmft.v1.Image.verify|verify} messages.
             * @param message Image message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Image.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Image message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Image & vmft.v1.Image.$Shape} Image
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Image & vmft.v1.Image.$Shape;
        }

        namespace Image {

            /** Properties of an Image. */
            interface $Properties {

                /** Image role */
                role?: (vmft.v1.Role|null);

                /** Image name */
                name?: (string|null);

                /** Image size */
                size?: (number|Long|null);

                /** Image sha256 */
                sha256?: (Uint8Array|null);

                /** Image embedded */
                embedded?: (boolean|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an Image. */
            type $Shape = vmft.v1.Image.$Properties;
        }

        /** Role enum. */
        enum Role {

            /** ROLE_UNSPECIFIED value */
            ROLE_UNSPECIFIED = 0,

            /** ROLE_KERNEL value */
            ROLE_KERNEL = 1,

            /** ROLE_FIRMWARE value */
            ROLE_FIRMWARE = 2,

            /** ROLE_INITRD value */
            ROLE_INITRD = 3
        }

        /**
         * Properties of a Disk.
         * @deprecated Use vmft.v1.Disk.$Properties instead.
         */
        interface IDisk extends vmft.v1.Disk.$Properties {
        }

        /** Represents a Disk. */
        class Disk {

            /**
             * Constructs a new Disk.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Disk.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Disk name. */
            name: string;

            /** Disk size. */
            size: (number|Long);

            /** Disk sha256. */
            sha256: Uint8Array;

            /** Disk slot. */
            slot: number;

            /**
             * Encodes the specified Disk message. Does not implicitly {@link vmft.v1.Disk.verify|verify} messages.
             * @param message Disk message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Disk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Disk message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Disk & vmft.v1.Disk.$Shape} Disk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Disk & vmft.v1.Disk.$Shape;
        }

        namespace Disk {

            /** Properties of a Disk. */
            interface $Properties {

                /** Disk name */
                name?: (string|null);

                /** Disk size */
                size?: (number|Long|null);

                /** Disk sha256 */
                sha256?: (Uint8Array|null);

                /** Disk slot */
                slot?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Disk. */
            type $Shape = vmft.v1.Disk.$Properties;
        }

        /**
         * Properties of an ImageChunk.
         * @deprecated Use vmft.v1.ImageChunk.$Properties instead.
         */
        interface IImageChunk extends vmft.v1.ImageChunk.$Properties {
        }

        /** Represents an ImageChunk. */
        class ImageChunk {

            /**
             * Constructs a new ImageChunk.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.ImageChunk.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** ImageChunk image. */
            image: number;

            /** ImageChunk size. */
            size: number;

            /** ImageChunk brotli. */
            brotli?: (Uint8Array|null);

            /** ImageChunk plain. */
            plain?: (Uint8Array|null);

            /** ImageChunk data. */
            data?: ("brotli"|"plain");

            /**
             * Encodes the specified ImageChunk message. Does not implicitly {@link vmft.v1.ImageChunk.verify|verify} messages.
             * @param message ImageChunk message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.ImageChunk.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an ImageChunk message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.ImageChunk & vmft.v1.ImageChunk.$Shape} ImageChunk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.ImageChunk & vmft.v1.ImageChunk.$Shape;
        }

        namespace ImageChunk {

            /** Properties of an ImageChunk. */
            interface $Properties {

                /** ImageChunk image */
                image?: (number|null);

                /** ImageChunk size */
                size?: (number|null);

                /** ImageChunk brotli */
                brotli?: (Uint8Array|null);

                /** ImageChunk plain */
                plain?: (Uint8Array|null);

                /** ImageChunk data */
                data?: ("brotli"|"plain");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an ImageChunk. */
            type $Shape = {
              image?: number|null;
              size?: number|null;
              brotli?: Uint8Array|null;
              plain?: Uint8Array|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ data?: undefined; brotli?: null; plain?: null }|{ data?: "brotli"; brotli: Uint8Array; plain?: null }|{ data?: "plain"; brotli?: null; plain: Uint8Array })
            );
        }

        /**
         * Properties of an Entry.
         * @deprecated Use vmft.v1.Entry.$Properties instead.
         */
        interface IEntry extends vmft.v1.Entry.$Properties {
        }

        /** Represents an Entry. */
        class Entry {

            /**
             * Constructs a new Entry.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Entry.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Entry after. */
            after: (number|Long);

            /** Entry device. */
            device: number;

            /** Entry length. */
            length: number;

            /** Entry times. */
            times?: (vmft.v1.Times.$Properties|null);

            /** Entry time. */
            time?: (number|Long|null);

            /** Entry tick. */
            tick?: (number|Long|null);

            /** Entry entropy. */
            entropy?: (Uint8Array|null);

            /** Entry packet. */
            packet?: (Uint8Array|null);

            /** Entry console. */
            console?: (Uint8Array|null);

            /** Entry consoleOutput. */
            consoleOutput?: (number|Long|null);

            /** Entry packetOutput. */
            packetOutput?: (number|Long|null);

            /** Entry diskOutput. */
            diskOutput?: (number|Long|null);

            /** Entry powerOutput. */
            powerOutput?: (number|Long|null);

            /** Entry digest. */
            digest?: (number|Long|null);

            /** Entry end. */
            end?: (vmft.v1.End.$Properties|null);

            /** Entry disk. */
            disk?: (vmft.v1.DiskDone.$Properties|null);

            /** Entry size. */
            size?: (vmft.v1.WindowSize.$Properties|null);

            /** Entry progress. */
            progress?: (boolean|null);

            /** Entry data. */
            data?: ("times"|"time"|"tick"|"entropy"|"packet"|"console"|"consoleOutput"|"packetOutput"|"diskOutput"|"powerOutput"|"digest"|"end"|"disk"|"size"|"progress");

            /**
             * Encodes the specified Entry message. Does not implicitly {@link vmft.v1.Entry.verify|verify} messages.
             * @param message Entry message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Entry.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an Entry message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Entry & vmft.v1.Entry.$Shape} Entry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Entry & vmft.v1.Entry.$Shape;
        }

        namespace Entry {

            /** Properties of an Entry. */
            interface $Properties {

                /** Entry after */
                after?: (number|Long|null);

                /** Entry device */
                device?: (number|null);

                /** Entry length */
                length?: (number|null);

                /** Entry times */
                times?: (vmft.v1.Times.$Properties|null);

                /** Entry time */
                time?: (number|Long|null);

                /** Entry tick */
                tick?: (number|Long|null);

                /** Entry entropy */
                entropy?: (Uint8Array|null);

                /** Entry packet */
                packet?: (Uint8Array|null);

                /** Entry console */
                console?: (Uint8Array|null);

                /** Entry consoleOutput */
                consoleOutput?: (number|Long|null);

                /** Entry packetOutput */
                packetOutput?: (number|Long|null);

                /** Entry diskOutput */
                diskOutput?: (number|Long|null);

                /** Entry powerOutput */
                powerOutput?: (number|Long|null);

                /** Entry digest */
                digest?: (number|Long|null);

                /** Entry end */
                end?: (vmft.v1.End.$Properties|null);

                /** Entry disk */
                disk?: (vmft.v1.DiskDone.$Properties|null);

                /** Entry size */
                size?: (vmft.v1.WindowSize.$Properties|null);

                /** Entry progress */
                progress?: (boolean|null);

                /** Entry data */
                data?: ("times"|"time"|"tick"|"entropy"|"packet"|"console"|"consoleOutput"|"packetOutput"|"diskOutput"|"powerOutput"|"digest"|"end"|"disk"|"size"|"progress");

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Narrowed shape of an Entry. */
            type $Shape = {
              after?: number|Long|null;
              device?: number|null;
              length?: number|null;
              times?: vmft.v1.Times.$Shape|null;
              time?: number|Long|null;
              tick?: number|Long|null;
              entropy?: Uint8Array|null;
              packet?: Uint8Array|null;
              console?: Uint8Array|null;
              consoleOutput?: number|Long|null;
              packetOutput?: number|Long|null;
              diskOutput?: number|Long|null;
              powerOutput?: number|Long|null;
              digest?: number|Long|null;
              end?: vmft.v1.End.$Shape|null;
              disk?: vmft.v1.DiskDone.$Shape|null;
              size?: vmft.v1.WindowSize.$Shape|null;
              progress?: boolean|null;
              $unknowns?: Uint8Array[];
            } & (
              ({ data?: undefined; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "times"; times: vmft.v1.Times.$Shape; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "time"; times?: null; time: number|Long; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "tick"; times?: null; time?: null; tick: number|Long; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "entropy"; times?: null; time?: null; tick?: null; entropy: Uint8Array; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "packet"; times?: null; time?: null; tick?: null; entropy?: null; packet: Uint8Array; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "console"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console: Uint8Array; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "consoleOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput: number|Long; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "packetOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput: number|Long; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "diskOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput: number|Long; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "powerOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput: number|Long; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "digest"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest: number|Long; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "end"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end: vmft.v1.End.$Shape; disk?: null; size?: null; progress?: null }|{ data?: "disk"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk: vmft.v1.DiskDone.$Shape; size?: null; progress?: null }|{ data?: "size"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size: vmft.v1.WindowSize.$Shape; progress?: null }|{ data?: "progress"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress: boolean })
            );
        }

        /**
         * Properties of a Times.
         * @deprecated Use vmft.v1.Times.$Properties instead.
         */
        interface ITimes extends vmft.v1.Times.$Properties {
        }

        /** Represents a Times. */
        class Times {

            /**
             * Constructs a new Times.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Times.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Times after. */
            after: (number|Long)[];

            /** Times time. */
            time: (number|Long)[];

            /**
             * Encodes the specified Times message. Does not implicitly {@link vmft.v1.Times.verify|verify} messages.
             * @param message Times message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Times.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Times message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Times & vmft.v1.Times.$Shape} Times
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Times & vmft.v1.Times.$Shape;
        }

        namespace Times {

            /** Properties of a Times. */
            interface $Properties {

                /** Times after */
                after?: ((number|Long)[]|null);

                /** Times time */
                time?: ((number|Long)[]|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Times. */
            type $Shape = vmft.v1.Times.$Properties;
        }

        /**
         * Properties of a DiskDone.
         * @deprecated Use vmft.v1.DiskDone.$Properties instead.
         */
        interface IDiskDone extends vmft.v1.DiskDone.$Properties {
        }

        /** Represents a DiskDone. */
        class DiskDone {

            /**
             * Constructs a new DiskDone.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.DiskDone.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** DiskDone request. */
            request: number;

            /** DiskDone status. */
            status: number;

            /** DiskDone data. */
            data: Uint8Array;

            /**
             * Encodes the specified DiskDone message. Does not implicitly {@link vmft.v1.DiskDone.verify|verify} messages.
             * @param message DiskDone message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.DiskDone.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a DiskDone message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.DiskDone & vmft.v1.DiskDone.$Shape} DiskDone
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.DiskDone & vmft.v1.DiskDone.$Shape;
        }

        namespace DiskDone {

            /** Properties of a DiskDone. */
            interface $Properties {

                /** DiskDone request */
                request?: (number|null);

                /** DiskDone status */
                status?: (number|null);

                /** DiskDone data */
                data?: (Uint8Array|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a DiskDone. */
            type $Shape = vmft.v1.DiskDone.$Properties;
        }

        /**
         * Properties of a WindowSize.
         * @deprecated Use vmft.v1.WindowSize.$Properties instead.
         */
        interface IWindowSize extends vmft.v1.WindowSize.$Properties {
        }

        /** Represents a WindowSize. */
        class WindowSize {

            /**
             * Constructs a new WindowSize.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.WindowSize.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** WindowSize columns. */
            columns: number;

            /** WindowSize rows. */
            rows: number;

            /**
             * Encodes the specified WindowSize message. Does not implicitly {@link vmft.v1.WindowSize.verify|verify} messages.
             * @param message WindowSize message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.WindowSize.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a WindowSize message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.WindowSize & vmft.v1.WindowSize.$Shape} WindowSize
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.WindowSize & vmft.v1.WindowSize.$Shape;
        }

        namespace WindowSize {

            /** Properties of a WindowSize. */
            interface $Properties {

                /** WindowSize columns */
                columns?: (number|null);

                /** WindowSize rows */
                rows?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a WindowSize. */
            type $Shape = vmft.v1.WindowSize.$Properties;
        }

        /**
         * Properties of an End.
         * @deprecated Use vmft.v1.End.$Properties instead.
         */
        interface IEnd extends vmft.v1.End.$Properties {
        }

        /** Represents an End. */
        class End {

            /**
             * Constructs a new End.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.End.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** End reason. */
            reason: vmft.v1.Reason;

            /** End status. */
            status: number;

            /** End detail. */
            detail: string;

            /**
             * Encodes the specified End message. Does not implicitly {@link vmft.v1.End.verify|verify} messages.
             * @param message End message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.End.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes an End message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.End & vmft.v1.End.$Shape} End
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.End & vmft.v1.End.$Shape;
        }

        namespace End {

            /** Properties of an End. */
            interface $Properties {

                /** End reason */
                reason?: (vmft.v1.Reason|null);

                /** End status */
                status?: (number|null);

                /** End detail */
                detail?: (string|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of an End. */
            type $Shape = vmft.v1.End.$Properties;
        }

        /** Reason enum. */
        enum Reason {

            /** REASON_UNSPECIFIED value */
            REASON_UNSPECIFIED = 0,

            /** REASON_POWER_OFF value */
            REASON_POWER_OFF = 1,

            /** REASON_UNTIL value */
            REASON_UNTIL = 2,

            /** REASON_TIME_LIMIT value */
            REASON_TIME_LIMIT = 3,

            /** REASON_INTERRUPTED value */
            REASON_INTERRUPTED = 4,

            /** REASON_HOST_ERROR value */
            REASON_HOST_ERROR = 5
        }

        /**
         * Properties of a Seal.
         * @deprecated Use vmft.v1.Seal.$Properties instead.
         */
        interface ISeal extends vmft.v1.Seal.$Properties {
        }

        /** Represents a Seal. */
        class Seal {

            /**
             * Constructs a new Seal.
             * @param [properties] Properties to set
             */
            constructor(properties?: vmft.v1.Seal.$Properties);

            /** Unknown fields preserved while decoding when enabled */
            $unknowns?: Uint8Array[];

            /** Seal crc. */
            crc: number;

            /** Seal offset. */
            offset: number;

            /**
             * Encodes the specified Seal message. Does not implicitly {@link vmft.v1.Seal.verify|verify} messages.
             * @param message Seal message or plain object to encode
             * @param [writer] Writer to encode to
             * @returns Writer
             */
            static encode(message: vmft.v1.Seal.$Properties, writer?: $protobuf.Writer): $protobuf.Writer;

            /**
             * Decodes a Seal message from the specified reader or buffer.
             * @param reader Reader or buffer to decode from
             * @param [length] Message length if known beforehand
             * @returns {vmft.v1.Seal & vmft.v1.Seal.$Shape} Seal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            static decode(reader: ($protobuf.Reader|Uint8Array), length?: number): vmft.v1.Seal & vmft.v1.Seal.$Shape;
        }

        namespace Seal {

            /** Properties of a Seal. */
            interface $Properties {

                /** Seal crc */
                crc?: (number|null);

                /** Seal offset */
                offset?: (number|null);

                /** Unknown fields preserved while decoding when enabled */
                $unknowns?: Uint8Array[];
            }

            /** Shape of a Seal. */
            type $Shape = vmft.v1.Seal.$Properties;
        }
    }
}
