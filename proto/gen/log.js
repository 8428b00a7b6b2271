/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["vmft-log"] || ($protobuf.roots["vmft-log"] = {});

export const vmft = $root.vmft = (() => {

    /**
     * Namespace vmft.
     * @exports vmft
     * @namespace
     */
    const vmft = {};

    vmft.v1 = (function() {

        /**
         * Namespace v1.
         * @memberof vmft
         * @namespace
         */
        const v1 = {};

        v1.Log = (function() {

            /**
             * Properties of a Log.
             * @typedef {Object} vmft.v1.Log.$Properties
             * @property {vmft.v1.Header.$Properties|null} [header] Log header
             * @property {Array.<vmft.v1.Entry.$Properties>|null} [entry] Log entry
             * @property {Array.<vmft.v1.ImageChunk.$Properties>|null} [image] Log image
             * @property {Array.<vmft.v1.Seal.$Properties>|null} [seal] Log seal
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Log.
             * @memberof vmft.v1
             * @interface ILog
             * @augments vmft.v1.Log.$Properties
             * @deprecated Use vmft.v1.Log.$Properties instead.
             */

            /**
             * Shape of a Log.
             * @typedef {{
             *   header?: vmft.v1.Header.$Shape|null;
             *   entry?: Array.<vmft.v1.Entry.$Shape>|null;
             *   image?: Array.<vmft.v1.ImageChunk.$Shape>|null;
             *   seal?: Array.<vmft.v1.Seal.$Shape>|null;
             *   $unknowns?: Array.<Uint8Array>;
             * }} vmft.v1.Log.$Shape
             */

            /**
             * Constructs a new Log.
             * @memberof vmft.v1
             * @classdesc Represents a Log.
             * @constructor
             * @param {vmft.v1.Log.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Log = function (properties) {
                this.entry = [];
                this.image = [];
                this.seal = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Log header.
             * @member {vmft.v1.Header.$Properties|null|undefined} header
             * @memberof vmft.v1.Log
             * @instance
             */
            Log.prototype.header = null;

            /**
             * Log entry.
             * @member {Array.<vmft.v1.Entry.$Properties>} entry
             * @memberof vmft.v1.Log
             * @instance
             */
            Log.prototype.entry = $util.emptyArray;

            /**
             * Log image.
             * @member {Array.<vmft.v1.ImageChunk.$Properties>} image
             * @memberof vmft.v1.Log
             * @instance
             */
            Log.prototype.image = $util.emptyArray;

            /**
             * Log seal.
             * @member {Array.<vmft.v1.Seal.$Properties>} seal
             * @memberof vmft.v1.Log
             * @instance
             */
            Log.prototype.seal = $util.emptyArray;

            /**
             * Encodes the specified Log message. Does not implicitly {@link vmft.v1.Log.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Log
             * @static
             * @param {vmft.v1.Log.$Properties} message Log message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Log.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.header != null && $Object.hasOwnProperty.call(message, "header"))
                    $root.vmft.v1.Header.encode(message.header, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.entry != null && message.entry.length)
                    for (let i = 0; i < message.entry.length; ++i)
                        $root.vmft.v1.Entry.encode(message.entry[i], writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.image != null && message.image.length)
                    for (let i = 0; i < message.image.length; ++i)
                        $root.vmft.v1.ImageChunk.encode(message.image[i], writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.seal != null && message.seal.length)
                    for (let i = 0; i < message.seal.length; ++i)
                        $root.vmft.v1.Seal.encode(message.seal[i], writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Log message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Log
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Log & vmft.v1.Log.$Shape} Log
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Log.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Log();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            message.header = $root.vmft.v1.Header.decode(reader, reader.size(), $undefined, _depth + 1, message.header);
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if (!(message.entry && message.entry.length))
                                message.entry = [];
                            message.entry.push($root.vmft.v1.Entry.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if (!(message.image && message.image.length))
                                message.image = [];
                            message.image.push($root.vmft.v1.ImageChunk.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if (!(message.seal && message.seal.length))
                                message.seal = [];
                            message.seal.push($root.vmft.v1.Seal.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Log;
        })();

        v1.Header = (function() {

            /**
             * Properties of a Header.
             * @typedef {Object} vmft.v1.Header.$Properties
             * @property {string|null} [format] Header format
             * @property {number|null} [major] Header major
             * @property {number|null} [minor] Header minor
             * @property {string|null} [producer] Header producer
             * @property {vmft.v1.Machine.$Properties|null} [machine] Header machine
             * @property {Uint8Array|null} [rngSeed] Header rngSeed
             * @property {number|Long|null} [wallClock] Header wallClock
             * @property {number|Long|null} [digestDistance] Header digestDistance
             * @property {Array.<vmft.v1.Image.$Properties>|null} [images] Header images
             * @property {Array.<vmft.v1.Disk.$Properties>|null} [disks] Header disks
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Header.
             * @memberof vmft.v1
             * @interface IHeader
             * @augments vmft.v1.Header.$Properties
             * @deprecated Use vmft.v1.Header.$Properties instead.
             */

            /**
             * Shape of a Header.
             * @typedef {vmft.v1.Header.$Properties} vmft.v1.Header.$Shape
             */

            /**
             * Constructs a new Header.
             * @memberof vmft.v1
             * @classdesc Represents a Header.
             * @constructor
             * @param {vmft.v1.Header.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Header = function (properties) {
                this.images = [];
                this.disks = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Header format.
             * @member {string} format
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.format = "";

            /**
             * Header major.
             * @member {number} major
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.major = 0;

            /**
             * Header minor.
             * @member {number} minor
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.minor = 0;

            /**
             * Header producer.
             * @member {string} producer
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.producer = "";

            /**
             * Header machine.
             * @member {vmft.v1.Machine.$Properties|null|undefined} machine
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.machine = null;

            /**
             * Header rngSeed.
             * @member {Uint8Array} rngSeed
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.rngSeed = $util.newBuffer([]);

            /**
             * Header wallClock.
             * @member {number|Long} wallClock
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.wallClock = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Header digestDistance.
             * @member {number|Long} digestDistance
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.digestDistance = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Header images.
             * @member {Array.<vmft.v1.Image.$Properties>} images
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.images = $util.emptyArray;

            /**
             * Header disks.
             * @member {Array.<vmft.v1.Disk.$Properties>} disks
             * @memberof vmft.v1.Header
             * @instance
             */
            Header.prototype.disks = $util.emptyArray;

            /**
             * Encodes the specified Header message. Does not implicitly {@link vmft.v1.Header.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Header
             * @static
             * @param {vmft.v1.Header.$Properties} message Header message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Header.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.format != null && $Object.hasOwnProperty.call(message, "format") && message.format !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.format);
                if (message.major != null && $Object.hasOwnProperty.call(message, "major") && message.major !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.major);
                if (message.minor != null && $Object.hasOwnProperty.call(message, "minor") && message.minor !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.minor);
                if (message.producer != null && $Object.hasOwnProperty.call(message, "producer") && message.producer !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.producer);
                if (message.machine != null && $Object.hasOwnProperty.call(message, "machine"))
                    $root.vmft.v1.Machine.encode(message.machine, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.rngSeed != null && $Object.hasOwnProperty.call(message, "rngSeed") && message.rngSeed.length)
                    writer.uint32(/* id 6, wireType 2 =*/50).bytes(message.rngSeed);
                if (message.wallClock != null && $Object.hasOwnProperty.call(message, "wallClock") && (typeof message.wallClock === "object" ? message.wallClock.low || message.wallClock.high : message.wallClock !== 0))
                    writer.uint32(/* id 7, wireType 1 =*/57).fixed64(message.wallClock);
                if (message.digestDistance != null && $Object.hasOwnProperty.call(message, "digestDistance") && (typeof message.digestDistance === "object" ? message.digestDistance.low || message.digestDistance.high : message.digestDistance !== 0))
                    writer.uint32(/* id 8, wireType 0 =*/64).uint64(message.digestDistance);
                if (message.images != null && message.images.length)
                    for (let i = 0; i < message.images.length; ++i)
                        $root.vmft.v1.Image.encode(message.images[i], writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                if (message.disks != null && message.disks.length)
                    for (let i = 0; i < message.disks.length; ++i)
                        $root.vmft.v1.Disk.encode(message.disks[i], writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Header message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Header
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Header & vmft.v1.Header.$Shape} Header
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Header.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Header();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.format = value;
                            else
                                delete message.format;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.major = value;
                            else
                                delete message.major;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.minor = value;
                            else
                                delete message.minor;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.producer = value;
                            else
                                delete message.producer;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.machine = $root.vmft.v1.Machine.decode(reader, reader.size(), $undefined, _depth + 1, message.machine);
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.rngSeed = value;
                            else
                                delete message.rngSeed;
                            continue;
                        }
                    case 7: {
                            if (wireType !== 1)
                                break;
                            if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                message.wallClock = value;
                            else
                                delete message.wallClock;
                            continue;
                        }
                    case 8: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.digestDistance = value;
                            else
                                delete message.digestDistance;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            if (!(message.images && message.images.length))
                                message.images = [];
                            message.images.push($root.vmft.v1.Image.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            if (!(message.disks && message.disks.length))
                                message.disks = [];
                            message.disks.push($root.vmft.v1.Disk.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Header;
        })();

        v1.Machine = (function() {

            /**
             * Properties of a Machine.
             * @typedef {Object} vmft.v1.Machine.$Properties
             * @property {number|null} [behaviour] Machine behaviour
             * @property {number|Long|null} [memory] Machine memory
             * @property {vmft.v1.Clock|null} [clock] Machine clock
             * @property {string|null} [commandLine] Machine commandLine
             * @property {Array.<vmft.v1.Device.$Properties>|null} [devices] Machine devices
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Machine.
             * @memberof vmft.v1
             * @interface IMachine
             * @augments vmft.v1.Machine.$Properties
             * @deprecated Use vmft.v1.Machine.$Properties instead.
             */

            /**
             * Shape of a Machine.
             * @typedef {vmft.v1.Machine.$Properties} vmft.v1.Machine.$Shape
             */

            /**
             * Constructs a new Machine.
             * @memberof vmft.v1
             * @classdesc Represents a Machine.
             * @constructor
             * @param {vmft.v1.Machine.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Machine = function (properties) {
                this.devices = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Machine behaviour.
             * @member {number} behaviour
             * @memberof vmft.v1.Machine
             * @instance
             */
            Machine.prototype.behaviour = 0;

            /**
             * Machine memory.
             * @member {number|Long} memory
             * @memberof vmft.v1.Machine
             * @instance
             */
            Machine.prototype.memory = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Machine clock.
             * @member {vmft.v1.Clock} clock
             * @memberof vmft.v1.Machine
             * @instance
             */
            Machine.prototype.clock = 0;

            /**
             * Machine commandLine.
             * @member {string} commandLine
             * @memberof vmft.v1.Machine
             * @instance
             */
            Machine.prototype.commandLine = "";

            /**
             * Machine devices.
             * @member {Array.<vmft.v1.Device.$Properties>} devices
             * @memberof vmft.v1.Machine
             * @instance
             */
            Machine.prototype.devices = $util.emptyArray;

            /**
             * Encodes the specified Machine message. Does not implicitly {@link vmft.v1.Machine.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Machine
             * @static
             * @param {vmft.v1.Machine.$Properties} message Machine message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Machine.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.behaviour != null && $Object.hasOwnProperty.call(message, "behaviour") && message.behaviour !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.behaviour);
                if (message.memory != null && $Object.hasOwnProperty.call(message, "memory") && (typeof message.memory === "object" ? message.memory.low || message.memory.high : message.memory !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.memory);
                if (message.clock != null && $Object.hasOwnProperty.call(message, "clock") && message.clock !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).int32(message.clock);
                if (message.commandLine != null && $Object.hasOwnProperty.call(message, "commandLine") && message.commandLine !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.commandLine);
                if (message.devices != null && message.devices.length)
                    for (let i = 0; i < message.devices.length; ++i)
                        $root.vmft.v1.Device.encode(message.devices[i], writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Machine message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Machine
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Machine & vmft.v1.Machine.$Shape} Machine
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Machine.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Machine();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.behaviour = value;
                            else
                                delete message.behaviour;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.memory = value;
                            else
                                delete message.memory;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.clock = value;
                            else
                                delete message.clock;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.commandLine = value;
                            else
                                delete message.commandLine;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.devices && message.devices.length))
                                message.devices = [];
                            message.devices.push($root.vmft.v1.Device.decode(reader, reader.size(), $undefined, _depth + 1));
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Machine;
        })();

        /**
         * Clock enum.
         * @name vmft.v1.Clock
         * @enum {number}
         * @property {number} CLOCK_UNSPECIFIED=0 CLOCK_UNSPECIFIED value
         * @property {number} CLOCK_HOST=1 CLOCK_HOST value
         * @property {number} CLOCK_VIRTUAL=2 CLOCK_VIRTUAL value
         */
        v1.Clock = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "CLOCK_UNSPECIFIED"] = 0;
            values[valuesById[1] = "CLOCK_HOST"] = 1;
            values[valuesById[2] = "CLOCK_VIRTUAL"] = 2;
            return values;
        })();

        v1.Device = (function() {

            /**
             * Properties of a Device.
             * @typedef {Object} vmft.v1.Device.$Properties
             * @property {string|null} [kind] Device kind
             * @property {number|null} [slot] Device slot
             * @property {Uint8Array|null} [mac] Device mac
             * @property {number|Long|null} [capacity] Device capacity
             * @property {boolean|null} [writesImage] Device writesImage
             * @property {boolean|null} [readOnly] Device readOnly
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Device.
             * @memberof vmft.v1
             * @interface IDevice
             * @augments vmft.v1.Device.$Properties
             * @deprecated Use vmft.v1.Device.$Properties instead.
             */

            /**
             * Shape of a Device.
             * @typedef {vmft.v1.Device.$Properties} vmft.v1.Device.$Shape
             */

            /**
             * Constructs a new Device.
             * @memberof vmft.v1
             * @classdesc Represents a Device.
             * @constructor
             * @param {vmft.v1.Device.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Device = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Device kind.
             * @member {string} kind
             * @memberof vmft.v1.Device
             * @instance
             */
            Device.prototype.kind = "";

            /**
             * Device slot.
             * @member {number} slot
             * @memberof vmft.v1.Device
             * @instance
             */
            Device.prototype.slot = 0;

            /**
             * Device mac.
             * @member {Uint8Array} mac
             * @memberof vmft.v1.Device
             * @instance
             */
            Device.prototype.mac = $util.newBuffer([]);

            /**
             * Device capacity.
             * @member {number|Long} capacity
             * @memberof vmft.v1.Device
             * @instance
             */
            Device.prototype.capacity = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Device writesImage.
             * @member {boolean} writesImage
             * @memberof vmft.v1.Device
             * @instance
             */
            Device.prototype.writesImage = false;

            /**
             * Device readOnly.
             * @member {boolean} readOnly
             * @memberof vmft.v1.Device
             * @instance
             */
            Device.prototype.readOnly = false;

            /**
             * Encodes the specified Device message. Does not implicitly {@link vmft.v1.Device.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Device
             * @static
             * @param {vmft.v1.Device.$Properties} message Device message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Device.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.kind != null && $Object.hasOwnProperty.call(message, "kind") && message.kind !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.kind);
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.slot);
                if (message.mac != null && $Object.hasOwnProperty.call(message, "mac") && message.mac.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.mac);
                if (message.capacity != null && $Object.hasOwnProperty.call(message, "capacity") && (typeof message.capacity === "object" ? message.capacity.low || message.capacity.high : message.capacity !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.capacity);
                if (message.writesImage != null && $Object.hasOwnProperty.call(message, "writesImage") && message.writesImage !== false)
                    writer.uint32(/* id 5, wireType 0 =*/40).bool(message.writesImage);
                if (message.readOnly != null && $Object.hasOwnProperty.call(message, "readOnly") && message.readOnly !== false)
                    writer.uint32(/* id 6, wireType 0 =*/48).bool(message.readOnly);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Device message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Device
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Device & vmft.v1.Device.$Shape} Device
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Device.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Device();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.kind = value;
                            else
                                delete message.kind;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.slot = value;
                            else
                                delete message.slot;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.mac = value;
                            else
                                delete message.mac;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.capacity = value;
                            else
                                delete message.capacity;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.writesImage = value;
                            else
                                delete message.writesImage;
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.readOnly = value;
                            else
                                delete message.readOnly;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Device;
        })();

        v1.Image = (function() {

            /**
             * Properties of an Image.
             * @typedef {Object} vmft.v1.Image.$Properties
             * @property {vmft.v1.Role|null} [role] Image role
             * @property {string|null} [name] Image name
             * @property {number|Long|null} [size] Image size
             * @property {Uint8Array|null} [sha256] Image sha256
             * @property {boolean|null} [embedded] Image embedded
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Image.
             * @memberof vmft.v1
             * @interface IImage
             * @augments vmft.v1.Image.$Properties
             * @deprecated Use vmft.v1.Image.$Properties instead.
             */

            /**
             * Shape of an Image.
             * @typedef {vmft.v1.Image.$Properties} vmft.v1.Image.$Shape
             */

            /**
             * Constructs a new Image.
             * @memberof vmft.v1
             * @classdesc Represents an Image.
             * @constructor
             * @param {vmft.v1.Image.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Image = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Image role.
             * @member {vmft.v1.Role} role
             * @memberof vmft.v1.Image
             * @instance
             */
            Image.prototype.role = 0;

            /**
             * Image name.
             * @member {string} name
             * @memberof vmft.v1.Image
             * @instance
             */
            Image.prototype.name = "";

            /**
             * Image size.
             * @member {number|Long} size
             * @memberof vmft.v1.Image
             * @instance
             */
            Image.prototype.size = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Image sha256.
             * @member {Uint8Array} sha256
             * @memberof vmft.v1.Image
             * @instance
             */
            Image.prototype.sha256 = $util.newBuffer([]);

            /**
             * Image embedded.
             * @member {boolean} embedded
             * @memberof vmft.v1.Image
             * @instance
             */
            Image.prototype.embedded = false;

            /**
             * Encodes the specified Image message. Does not implicitly {@link vmft.v1.Image.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Image
             * @static
             * @param {vmft.v1.Image.$Properties} message Image message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Image.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.role != null && $Object.hasOwnProperty.call(message, "role") && message.role !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).int32(message.role);
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 2, wireType 2 =*/18).string(message.name);
                if (message.size != null && $Object.hasOwnProperty.call(message, "size") && (typeof message.size === "object" ? message.size.low || message.size.high : message.size !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.size);
                if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.sha256);
                if (message.embedded != null && $Object.hasOwnProperty.call(message, "embedded") && message.embedded !== false)
                    writer.uint32(/* id 5, wireType 0 =*/40).bool(message.embedded);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Image message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Image
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Image & vmft.v1.Image.$Shape} Image
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Image.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Image();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.role = value;
                            else
                                delete message.role;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.size = value;
                            else
                                delete message.size;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sha256 = value;
                            else
                                delete message.sha256;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.embedded = value;
                            else
                                delete message.embedded;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Image;
        })();

        /**
         * Role enum.
         * @name vmft.v1.Role
         * @enum {number}
         * @property {number} ROLE_UNSPECIFIED=0 ROLE_UNSPECIFIED value
         * @property {number} ROLE_KERNEL=1 ROLE_KERNEL value
         * @property {number} ROLE_FIRMWARE=2 ROLE_FIRMWARE value
         * @property {number} ROLE_INITRD=3 ROLE_INITRD value
         */
        v1.Role = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "ROLE_UNSPECIFIED"] = 0;
            values[valuesById[1] = "ROLE_KERNEL"] = 1;
            values[valuesById[2] = "ROLE_FIRMWARE"] = 2;
            values[valuesById[3] = "ROLE_INITRD"] = 3;
            return values;
        })();

        v1.Disk = (function() {

            /**
             * Properties of a Disk.
             * @typedef {Object} vmft.v1.Disk.$Properties
             * @property {string|null} [name] Disk name
             * @property {number|Long|null} [size] Disk size
             * @property {Uint8Array|null} [sha256] Disk sha256
             * @property {number|null} [slot] Disk slot
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Disk.
             * @memberof vmft.v1
             * @interface IDisk
             * @augments vmft.v1.Disk.$Properties
             * @deprecated Use vmft.v1.Disk.$Properties instead.
             */

            /**
             * Shape of a Disk.
             * @typedef {vmft.v1.Disk.$Properties} vmft.v1.Disk.$Shape
             */

            /**
             * Constructs a new Disk.
             * @memberof vmft.v1
             * @classdesc Represents a Disk.
             * @constructor
             * @param {vmft.v1.Disk.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Disk = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Disk name.
             * @member {string} name
             * @memberof vmft.v1.Disk
             * @instance
             */
            Disk.prototype.name = "";

            /**
             * Disk size.
             * @member {number|Long} size
             * @memberof vmft.v1.Disk
             * @instance
             */
            Disk.prototype.size = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Disk sha256.
             * @member {Uint8Array} sha256
             * @memberof vmft.v1.Disk
             * @instance
             */
            Disk.prototype.sha256 = $util.newBuffer([]);

            /**
             * Disk slot.
             * @member {number} slot
             * @memberof vmft.v1.Disk
             * @instance
             */
            Disk.prototype.slot = 0;

            /**
             * Encodes the specified Disk message. Does not implicitly {@link vmft.v1.Disk.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Disk
             * @static
             * @param {vmft.v1.Disk.$Properties} message Disk message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Disk.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.name != null && $Object.hasOwnProperty.call(message, "name") && message.name !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.name);
                if (message.size != null && $Object.hasOwnProperty.call(message, "size") && (typeof message.size === "object" ? message.size.low || message.size.high : message.size !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.size);
                if (message.sha256 != null && $Object.hasOwnProperty.call(message, "sha256") && message.sha256.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.sha256);
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.slot);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Disk message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Disk
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Disk & vmft.v1.Disk.$Shape} Disk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Disk.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Disk();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.name = value;
                            else
                                delete message.name;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.size = value;
                            else
                                delete message.size;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.sha256 = value;
                            else
                                delete message.sha256;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.slot = value;
                            else
                                delete message.slot;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Disk;
        })();

        v1.ImageChunk = (function() {

            /**
             * Properties of an ImageChunk.
             * @typedef {Object} vmft.v1.ImageChunk.$Properties
             * @property {number|null} [image] ImageChunk image
             * @property {number|null} [size] ImageChunk size
             * @property {Uint8Array|null} [brotli] ImageChunk brotli
             * @property {Uint8Array|null} [plain] ImageChunk plain
             * @property {"brotli"|"plain"} [data] ImageChunk data
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an ImageChunk.
             * @memberof vmft.v1
             * @interface IImageChunk
             * @augments vmft.v1.ImageChunk.$Properties
             * @deprecated Use vmft.v1.ImageChunk.$Properties instead.
             */

            /**
             * Narrowed shape of an ImageChunk.
             * @typedef {{
             *   image?: number|null;
             *   size?: number|null;
             *   brotli?: Uint8Array|null;
             *   plain?: Uint8Array|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ data?: undefined; brotli?: null; plain?: null }|{ data?: "brotli"; brotli: Uint8Array; plain?: null }|{ data?: "plain"; brotli?: null; plain: Uint8Array })
             * )} vmft.v1.ImageChunk.$Shape
             */

            /**
             * Constructs a new ImageChunk.
             * @memberof vmft.v1
             * @classdesc Represents an ImageChunk.
             * @constructor
             * @param {vmft.v1.ImageChunk.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const ImageChunk = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * ImageChunk image.
             * @member {number} image
             * @memberof vmft.v1.ImageChunk
             * @instance
             */
            ImageChunk.prototype.image = 0;

            /**
             * ImageChunk size.
             * @member {number} size
             * @memberof vmft.v1.ImageChunk
             * @instance
             */
            ImageChunk.prototype.size = 0;

            /**
             * ImageChunk brotli.
             * @member {Uint8Array|null|undefined} brotli
             * @memberof vmft.v1.ImageChunk
             * @instance
             */
            ImageChunk.prototype.brotli = null;

            /**
             * ImageChunk plain.
             * @member {Uint8Array|null|undefined} plain
             * @memberof vmft.v1.ImageChunk
             * @instance
             */
            ImageChunk.prototype.plain = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * ImageChunk data.
             * @member {"brotli"|"plain"|undefined} data
             * @memberof vmft.v1.ImageChunk
             * @instance
             */
            $Object.defineProperty(ImageChunk.prototype, "data", {
                get: $util.oneOfGetter($oneOfFields = ["brotli", "plain"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Encodes the specified ImageChunk message. Does not implicitly {@link vmft.v1.ImageChunk.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.ImageChunk
             * @static
             * @param {vmft.v1.ImageChunk.$Properties} message ImageChunk message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            ImageChunk.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.image != null && $Object.hasOwnProperty.call(message, "image") && message.image !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.image);
                if (message.size != null && $Object.hasOwnProperty.call(message, "size") && message.size !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.size);
                if (message.brotli != null && $Object.hasOwnProperty.call(message, "brotli"))
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.brotli);
                if (message.plain != null && $Object.hasOwnProperty.call(message, "plain"))
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.plain);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an ImageChunk message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.ImageChunk
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.ImageChunk & vmft.v1.ImageChunk.$Shape} ImageChunk
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            ImageChunk.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.ImageChunk();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.image = value;
                            else
                                delete message.image;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.size = value;
                            else
                                delete message.size;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.brotli = reader.bytes();
                            message.data = "brotli";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.plain = reader.bytes();
                            message.data = "plain";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return ImageChunk;
        })();

        v1.Entry = (function() {

            /**
             * Properties of an Entry.
             * @typedef {Object} vmft.v1.Entry.$Properties
             * @property {number|Long|null} [after] Entry after
             * @property {number|null} [device] Entry device
             * @property {number|null} [length] Entry length
             * @property {vmft.v1.Times.$Properties|null} [times] Entry times
             * @property {number|Long|null} [time] Entry time
             * @property {number|Long|null} [tick] Entry tick
             * @property {Uint8Array|null} [entropy] Entry entropy
             * @property {Uint8Array|null} [packet] Entry packet
             * @property {Uint8Array|null} [console] Entry console
             * @property {number|Long|null} [consoleOutput] Entry consoleOutput
             * @property {number|Long|null} [packetOutput] Entry packetOutput
             * @property {number|Long|null} [diskOutput] Entry diskOutput
             * @property {number|Long|null} [powerOutput] Entry powerOutput
             * @property {number|Long|null} [digest] Entry digest
             * @property {vmft.v1.End.$Properties|null} [end] Entry end
             * @property {vmft.v1.DiskDone.$Properties|null} [disk] Entry disk
             * @property {vmft.v1.WindowSize.$Properties|null} [size] Entry size
             * @property {boolean|null} [progress] Entry progress
             * @property {"times"|"time"|"tick"|"entropy"|"packet"|"console"|"consoleOutput"|"packetOutput"|"diskOutput"|"powerOutput"|"digest"|"end"|"disk"|"size"|"progress"} [data] Entry data
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an Entry.
             * @memberof vmft.v1
             * @interface IEntry
             * @augments vmft.v1.Entry.$Properties
             * @deprecated Use vmft.v1.Entry.$Properties instead.
             */

            /**
             * Narrowed shape of an Entry.
             * @typedef {{
             *   after?: number|Long|null;
             *   device?: number|null;
             *   length?: number|null;
             *   times?: vmft.v1.Times.$Shape|null;
             *   time?: number|Long|null;
             *   tick?: number|Long|null;
             *   entropy?: Uint8Array|null;
             *   packet?: Uint8Array|null;
             *   console?: Uint8Array|null;
             *   consoleOutput?: number|Long|null;
             *   packetOutput?: number|Long|null;
             *   diskOutput?: number|Long|null;
             *   powerOutput?: number|Long|null;
             *   digest?: number|Long|null;
             *   end?: vmft.v1.End.$Shape|null;
             *   disk?: vmft.v1.DiskDone.$Shape|null;
             *   size?: vmft.v1.WindowSize.$Shape|null;
             *   progress?: boolean|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ data?: undefined; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "times"; times: vmft.v1.Times.$Shape; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "time"; times?: null; time: number|Long; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "tick"; times?: null; time?: null; tick: number|Long; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "entropy"; times?: null; time?: null; tick?: null; entropy: Uint8Array; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "packet"; times?: null; time?: null; tick?: null; entropy?: null; packet: Uint8Array; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "console"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console: Uint8Array; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "consoleOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput: number|Long; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "packetOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput: number|Long; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "diskOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput: number|Long; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "powerOutput"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput: number|Long; digest?: null; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "digest"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest: number|Long; end?: null; disk?: null; size?: null; progress?: null }|{ data?: "end"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end: vmft.v1.End.$Shape; disk?: null; size?: null; progress?: null }|{ data?: "disk"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk: vmft.v1.DiskDone.$Shape; size?: null; progress?: null }|{ data?: "size"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size: vmft.v1.WindowSize.$Shape; progress?: null }|{ data?: "progress"; times?: null; time?: null; tick?: null; entropy?: null; packet?: null; console?: null; consoleOutput?: null; packetOutput?: null; diskOutput?: null; powerOutput?: null; digest?: null; end?: null; disk?: null; size?: null; progress: boolean })
             * )} vmft.v1.Entry.$Shape
             */

            /**
             * Constructs a new Entry.
             * @memberof vmft.v1
             * @classdesc Represents an Entry.
             * @constructor
             * @param {vmft.v1.Entry.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Entry = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Entry after.
             * @member {number|Long} after
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.after = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Entry device.
             * @member {number} device
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.device = 0;

            /**
             * Entry length.
             * @member {number} length
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.length = 0;

            /**
             * Entry times.
             * @member {vmft.v1.Times.$Properties|null|undefined} times
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.times = null;

            /**
             * Entry time.
             * @member {number|Long|null|undefined} time
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.time = null;

            /**
             * Entry tick.
             * @member {number|Long|null|undefined} tick
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.tick = null;

            /**
             * Entry entropy.
             * @member {Uint8Array|null|undefined} entropy
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.entropy = null;

            /**
             * Entry packet.
             * @member {Uint8Array|null|undefined} packet
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.packet = null;

            /**
             * Entry console.
             * @member {Uint8Array|null|undefined} console
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.console = null;

            /**
             * Entry consoleOutput.
             * @member {number|Long|null|undefined} consoleOutput
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.consoleOutput = null;

            /**
             * Entry packetOutput.
             * @member {number|Long|null|undefined} packetOutput
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.packetOutput = null;

            /**
             * Entry diskOutput.
             * @member {number|Long|null|undefined} diskOutput
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.diskOutput = null;

            /**
             * Entry powerOutput.
             * @member {number|Long|null|undefined} powerOutput
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.powerOutput = null;

            /**
             * Entry digest.
             * @member {number|Long|null|undefined} digest
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.digest = null;

            /**
             * Entry end.
             * @member {vmft.v1.End.$Properties|null|undefined} end
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.end = null;

            /**
             * Entry disk.
             * @member {vmft.v1.DiskDone.$Properties|null|undefined} disk
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.disk = null;

            /**
             * Entry size.
             * @member {vmft.v1.WindowSize.$Properties|null|undefined} size
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.size = null;

            /**
             * Entry progress.
             * @member {boolean|null|undefined} progress
             * @memberof vmft.v1.Entry
             * @instance
             */
            Entry.prototype.progress = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * Entry data.
             * @member {"times"|"time"|"tick"|"entropy"|"packet"|"console"|"consoleOutput"|"packetOutput"|"diskOutput"|"powerOutput"|"digest"|"end"|"disk"|"size"|"progress"|undefined} data
             * @memberof vmft.v1.Entry
             * @instance
             */
            $Object.defineProperty(Entry.prototype, "data", {
                get: $util.oneOfGetter($oneOfFields = ["times", "time", "tick", "entropy", "packet", "console", "consoleOutput", "packetOutput", "diskOutput", "powerOutput", "digest", "end", "disk", "size", "progress"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Encodes the specified Entry message. Does not implicitly {@link vmft.v1.Entry.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Entry
             * @static
             * @param {vmft.v1.Entry.$Properties} message Entry message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Entry.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.after != null && $Object.hasOwnProperty.call(message, "after") && (typeof message.after === "object" ? message.after.low || message.after.high : message.after !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.after);
                if (message.device != null && $Object.hasOwnProperty.call(message, "device") && message.device !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.device);
                if (message.length != null && $Object.hasOwnProperty.call(message, "length") && message.length !== 0)
                    writer.uint32(/* id 3, wireType 0 =*/24).uint32(message.length);
                if (message.times != null && $Object.hasOwnProperty.call(message, "times"))
                    $root.vmft.v1.Times.encode(message.times, writer.uint32(/* id 4, wireType 2 =*/34).fork(), _depth + 1).ldelim();
                if (message.time != null && $Object.hasOwnProperty.call(message, "time"))
                    writer.uint32(/* id 5, wireType 0 =*/40).sint64(message.time);
                if (message.tick != null && $Object.hasOwnProperty.call(message, "tick"))
                    writer.uint32(/* id 6, wireType 0 =*/48).sint64(message.tick);
                if (message.entropy != null && $Object.hasOwnProperty.call(message, "entropy"))
                    writer.uint32(/* id 7, wireType 2 =*/58).bytes(message.entropy);
                if (message.packet != null && $Object.hasOwnProperty.call(message, "packet"))
                    writer.uint32(/* id 8, wireType 2 =*/66).bytes(message.packet);
                if (message.console != null && $Object.hasOwnProperty.call(message, "console"))
                    writer.uint32(/* id 9, wireType 2 =*/74).bytes(message.console);
                if (message.consoleOutput != null && $Object.hasOwnProperty.call(message, "consoleOutput"))
                    writer.uint32(/* id 10, wireType 1 =*/81).fixed64(message.consoleOutput);
                if (message.packetOutput != null && $Object.hasOwnProperty.call(message, "packetOutput"))
                    writer.uint32(/* id 11, wireType 1 =*/89).fixed64(message.packetOutput);
                if (message.diskOutput != null && $Object.hasOwnProperty.call(message, "diskOutput"))
                    writer.uint32(/* id 12, wireType 1 =*/97).fixed64(message.diskOutput);
                if (message.powerOutput != null && $Object.hasOwnProperty.call(message, "powerOutput"))
                    writer.uint32(/* id 13, wireType 1 =*/105).fixed64(message.powerOutput);
                if (message.digest != null && $Object.hasOwnProperty.call(message, "digest"))
                    writer.uint32(/* id 14, wireType 1 =*/113).fixed64(message.digest);
                if (message.end != null && $Object.hasOwnProperty.call(message, "end"))
                    $root.vmft.v1.End.encode(message.end, writer.uint32(/* id 15, wireType 2 =*/122).fork(), _depth + 1).ldelim();
                if (message.disk != null && $Object.hasOwnProperty.call(message, "disk"))
                    $root.vmft.v1.DiskDone.encode(message.disk, writer.uint32(/* id 16, wireType 2 =*/130).fork(), _depth + 1).ldelim();
                if (message.size != null && $Object.hasOwnProperty.call(message, "size"))
                    $root.vmft.v1.WindowSize.encode(message.size, writer.uint32(/* id 17, wireType 2 =*/138).fork(), _depth + 1).ldelim();
                if (message.progress != null && $Object.hasOwnProperty.call(message, "progress"))
                    writer.uint32(/* id 24, wireType 0 =*/192).bool(message.progress);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an Entry message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Entry
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Entry & vmft.v1.Entry.$Shape} Entry
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Entry.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Entry();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.after = value;
                            else
                                delete message.after;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.device = value;
                            else
                                delete message.device;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.length = value;
                            else
                                delete message.length;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.times = $root.vmft.v1.Times.decode(reader, reader.size(), $undefined, _depth + 1, message.times);
                            message.data = "times";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            message.time = reader.sint64();
                            message.data = "time";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 0)
                                break;
                            message.tick = reader.sint64();
                            message.data = "tick";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.entropy = reader.bytes();
                            message.data = "entropy";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.packet = reader.bytes();
                            message.data = "packet";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.console = reader.bytes();
                            message.data = "console";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 1)
                                break;
                            message.consoleOutput = reader.fixed64();
                            message.data = "consoleOutput";
                            continue;
                        }
                    case 11: {
                            if (wireType !== 1)
                                break;
                            message.packetOutput = reader.fixed64();
                            message.data = "packetOutput";
                            continue;
                        }
                    case 12: {
                            if (wireType !== 1)
                                break;
                            message.diskOutput = reader.fixed64();
                            message.data = "diskOutput";
                            continue;
                        }
                    case 13: {
                            if (wireType !== 1)
                                break;
                            message.powerOutput = reader.fixed64();
                            message.data = "powerOutput";
                            continue;
                        }
                    case 14: {
                            if (wireType !== 1)
                                break;
                            message.digest = reader.fixed64();
                            message.data = "digest";
                            continue;
                        }
                    case 15: {
                            if (wireType !== 2)
                                break;
                            message.end = $root.vmft.v1.End.decode(reader, reader.size(), $undefined, _depth + 1, message.end);
                            message.data = "end";
                            continue;
                        }
                    case 16: {
                            if (wireType !== 2)
                                break;
                            message.disk = $root.vmft.v1.DiskDone.decode(reader, reader.size(), $undefined, _depth + 1, message.disk);
                            message.data = "disk";
                            continue;
                        }
                    case 17: {
                            if (wireType !== 2)
                                break;
                            message.size = $root.vmft.v1.WindowSize.decode(reader, reader.size(), $undefined, _depth + 1, message.size);
                            message.data = "size";
                            continue;
                        }
                    case 24: {
                            if (wireType !== 0)
                                break;
                            message.progress = reader.bool();
                            message.data = "progress";
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Entry;
        })();

        v1.Times = (function() {

            /**
             * Properties of a Times.
             * @typedef {Object} vmft.v1.Times.$Properties
             * @property {Array.<number|Long>|null} [after] Times after
             * @property {Array.<number|Long>|null} [time] Times time
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Times.
             * @memberof vmft.v1
             * @interface ITimes
             * @augments vmft.v1.Times.$Properties
             * @deprecated Use vmft.v1.Times.$Properties instead.
             */

            /**
             * Shape of a Times.
             * @typedef {vmft.v1.Times.$Properties} vmft.v1.Times.$Shape
             */

            /**
             * Constructs a new Times.
             * @memberof vmft.v1
             * @classdesc Represents a Times.
             * @constructor
             * @param {vmft.v1.Times.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Times = function (properties) {
                this.after = [];
                this.time = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Times after.
             * @member {Array.<number|Long>} after
             * @memberof vmft.v1.Times
             * @instance
             */
            Times.prototype.after = $util.emptyArray;

            /**
             * Times time.
             * @member {Array.<number|Long>} time
             * @memberof vmft.v1.Times
             * @instance
             */
            Times.prototype.time = $util.emptyArray;

            /**
             * Encodes the specified Times message. Does not implicitly {@link vmft.v1.Times.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Times
             * @static
             * @param {vmft.v1.Times.$Properties} message Times message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Times.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.after != null && message.after.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).uint64s(message.after);
                if (message.time != null && message.time.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).sint64s(message.time);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Times message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Times
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Times & vmft.v1.Times.$Shape} Times
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Times.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Times();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType === 2) {
                                if (!(message.after && message.after.length))
                                    message.after = [];
                                reader.uint64s(message.after);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.after && message.after.length))
                                message.after = [];
                            message.after.push(reader.uint64());
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.time && message.time.length))
                                    message.time = [];
                                reader.sint64s(message.time);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.time && message.time.length))
                                message.time = [];
                            message.time.push(reader.sint64());
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Times;
        })();

        v1.DiskDone = (function() {

            /**
             * Properties of a DiskDone.
             * @typedef {Object} vmft.v1.DiskDone.$Properties
             * @property {number|null} [request] DiskDone request
             * @property {number|null} [status] DiskDone status
             * @property {Uint8Array|null} [data] DiskDone data
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a DiskDone.
             * @memberof vmft.v1
             * @interface IDiskDone
             * @augments vmft.v1.DiskDone.$Properties
             * @deprecated Use vmft.v1.DiskDone.$Properties instead.
             */

            /**
             * Shape of a DiskDone.
             * @typedef {vmft.v1.DiskDone.$Properties} vmft.v1.DiskDone.$Shape
             */

            /**
             * Constructs a new DiskDone.
             * @memberof vmft.v1
             * @classdesc Represents a DiskDone.
             * @constructor
             * @param {vmft.v1.DiskDone.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const DiskDone = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * DiskDone request.
             * @member {number} request
             * @memberof vmft.v1.DiskDone
             * @instance
             */
            DiskDone.prototype.request = 0;

            /**
             * DiskDone status.
             * @member {number} status
             * @memberof vmft.v1.DiskDone
             * @instance
             */
            DiskDone.prototype.status = 0;

            /**
             * DiskDone data.
             * @member {Uint8Array} data
             * @memberof vmft.v1.DiskDone
             * @instance
             */
            DiskDone.prototype.data = $util.newBuffer([]);

            /**
             * Encodes the specified DiskDone message. Does not implicitly {@link vmft.v1.DiskDone.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.DiskDone
             * @static
             * @param {vmft.v1.DiskDone.$Properties} message DiskDone message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            DiskDone.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.request != null && $Object.hasOwnProperty.call(message, "request") && message.request !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.request);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.status);
                if (message.data != null && $Object.hasOwnProperty.call(message, "data") && message.data.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).bytes(message.data);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a DiskDone message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.DiskDone
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.DiskDone & vmft.v1.DiskDone.$Shape} DiskDone
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            DiskDone.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.DiskDone();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.request = value;
                            else
                                delete message.request;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.data = value;
                            else
                                delete message.data;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return DiskDone;
        })();

        v1.WindowSize = (function() {

            /**
             * Properties of a WindowSize.
             * @typedef {Object} vmft.v1.WindowSize.$Properties
             * @property {number|null} [columns] WindowSize columns
             * @property {number|null} [rows] WindowSize rows
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a WindowSize.
             * @memberof vmft.v1
             * @interface IWindowSize
             * @augments vmft.v1.WindowSize.$Properties
             * @deprecated Use vmft.v1.WindowSize.$Properties instead.
             */

            /**
             * Shape of a WindowSize.
             * @typedef {vmft.v1.WindowSize.$Properties} vmft.v1.WindowSize.$Shape
             */

            /**
             * Constructs a new WindowSize.
             * @memberof vmft.v1
             * @classdesc Represents a WindowSize.
             * @constructor
             * @param {vmft.v1.WindowSize.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const WindowSize = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * WindowSize columns.
             * @member {number} columns
             * @memberof vmft.v1.WindowSize
             * @instance
             */
            WindowSize.prototype.columns = 0;

            /**
             * WindowSize rows.
             * @member {number} rows
             * @memberof vmft.v1.WindowSize
             * @instance
             */
            WindowSize.prototype.rows = 0;

            /**
             * Encodes the specified WindowSize message. Does not implicitly {@link vmft.v1.WindowSize.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.WindowSize
             * @static
             * @param {vmft.v1.WindowSize.$Properties} message WindowSize message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            WindowSize.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.columns != null && $Object.hasOwnProperty.call(message, "columns") && message.columns !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.columns);
                if (message.rows != null && $Object.hasOwnProperty.call(message, "rows") && message.rows !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.rows);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a WindowSize message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.WindowSize
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.WindowSize & vmft.v1.WindowSize.$Shape} WindowSize
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            WindowSize.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.WindowSize();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.columns = value;
                            else
                                delete message.columns;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.rows = value;
                            else
                                delete message.rows;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return WindowSize;
        })();

        v1.End = (function() {

            /**
             * Properties of an End.
             * @typedef {Object} vmft.v1.End.$Properties
             * @property {vmft.v1.Reason|null} [reason] End reason
             * @property {number|null} [status] End status
             * @property {string|null} [detail] End detail
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of an End.
             * @memberof vmft.v1
             * @interface IEnd
             * @augments vmft.v1.End.$Properties
             * @deprecated Use vmft.v1.End.$Properties instead.
             */

            /**
             * Shape of an End.
             * @typedef {vmft.v1.End.$Properties} vmft.v1.End.$Shape
             */

            /**
             * Constructs a new End.
             * @memberof vmft.v1
             * @classdesc Represents an End.
             * @constructor
             * @param {vmft.v1.End.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const End = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * End reason.
             * @member {vmft.v1.Reason} reason
             * @memberof vmft.v1.End
             * @instance
             */
            End.prototype.reason = 0;

            /**
             * End status.
             * @member {number} status
             * @memberof vmft.v1.End
             * @instance
             */
            End.prototype.status = 0;

            /**
             * End detail.
             * @member {string} detail
             * @memberof vmft.v1.End
             * @instance
             */
            End.prototype.detail = "";

            /**
             * Encodes the specified End message. Does not implicitly {@link vmft.v1.End.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.End
             * @static
             * @param {vmft.v1.End.$Properties} message End message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            End.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).int32(message.reason);
                if (message.status != null && $Object.hasOwnProperty.call(message, "status") && message.status !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.status);
                if (message.detail != null && $Object.hasOwnProperty.call(message, "detail") && message.detail !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.detail);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes an End message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.End
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.End & vmft.v1.End.$Shape} End
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            End.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.End();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.int32())
                                message.reason = value;
                            else
                                delete message.reason;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.status = value;
                            else
                                delete message.status;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.detail = value;
                            else
                                delete message.detail;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return End;
        })();

        /**
         * Reason enum.
         * @name vmft.v1.Reason
         * @enum {number}
         * @property {number} REASON_UNSPECIFIED=0 REASON_UNSPECIFIED value
         * @property {number} REASON_POWER_OFF=1 REASON_POWER_OFF value
         * @property {number} REASON_UNTIL=2 REASON_UNTIL value
         * @property {number} REASON_TIME_LIMIT=3 REASON_TIME_LIMIT value
         * @property {number} REASON_INTERRUPTED=4 REASON_INTERRUPTED value
         * @property {number} REASON_HOST_ERROR=5 REASON_HOST_ERROR value
         */
        v1.Reason = (function() {
            const valuesById = $Object.create(null), values = $Object.create(valuesById);
            values[valuesById[0] = "REASON_UNSPECIFIED"] = 0;
            values[valuesById[1] = "REASON_POWER_OFF"] = 1;
            values[valuesById[2] = "REASON_UNTIL"] = 2;
            values[valuesById[3] = "REASON_TIME_LIMIT"] = 3;
            values[valuesById[4] = "REASON_INTERRUPTED"] = 4;
            values[valuesById[5] = "REASON_HOST_ERROR"] = 5;
            return values;
        })();

        v1.Seal = (function() {

            /**
             * Properties of a Seal.
             * @typedef {Object} vmft.v1.Seal.$Properties
             * @property {number|null} [crc] Seal crc
             * @property {number|null} [offset] Seal offset
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Seal.
             * @memberof vmft.v1
             * @interface ISeal
             * @augments vmft.v1.Seal.$Properties
             * @deprecated Use vmft.v1.Seal.$Properties instead.
             */

            /**
             * Shape of a Seal.
             * @typedef {vmft.v1.Seal.$Properties} vmft.v1.Seal.$Shape
             */

            /**
             * Constructs a new Seal.
             * @memberof vmft.v1
             * @classdesc Represents a Seal.
             * @constructor
             * @param {vmft.v1.Seal.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Seal = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Seal crc.
             * @member {number} crc
             * @memberof vmft.v1.Seal
             * @instance
             */
            Seal.prototype.crc = 0;

            /**
             * Seal offset.
             * @member {number} offset
             * @memberof vmft.v1.Seal
             * @instance
             */
            Seal.prototype.offset = 0;

            /**
             * Encodes the specified Seal message. Does not implicitly {@link vmft.v1.Seal.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Seal
             * @static
             * @param {vmft.v1.Seal.$Properties} message Seal message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Seal.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.crc != null && $Object.hasOwnProperty.call(message, "crc") && message.crc !== 0)
                    writer.uint32(/* id 1, wireType 5 =*/13).fixed32(message.crc);
                if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && message.offset !== 0)
                    writer.uint32(/* id 2, wireType 5 =*/21).fixed32(message.offset);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Seal message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Seal
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Seal & vmft.v1.Seal.$Shape} Seal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Seal.decode = function (reader, length, _end, _depth, _target) {
                if (!(reader instanceof $Reader))
                    reader = $Reader.create(reader);
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $Reader.recursionLimit)
                    throw $Error("max depth exceeded");
                let end, message, value;
                if (length === $undefined)
                    end = reader.len;
                else {
                    end = reader.pos + length;
                    if (end > reader.len)
                        throw $RangeError("index out of range");
                    length = reader.len;
                    reader.len = end;
                }
                message = _target || new $root.vmft.v1.Seal();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    let wireType = tag & 7;
                    switch (tag >>>= 3) {
                    case 1: {
                            if (wireType !== 5)
                                break;
                            if (value = reader.fixed32())
                                message.crc = value;
                            else
                                delete message.crc;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 5)
                                break;
                            if (value = reader.fixed32())
                                message.offset = value;
                            else
                                delete message.offset;
                            continue;
                        }
                    }
                    reader.skipType(wireType, _depth, tag);
                    if (!reader.discardUnknown) {
                        $util.makeProp(message, "$unknowns", false);
                        (message.$unknowns || (message.$unknowns = [])).push(reader.raw(start, reader.pos));
                    }
                }
                if (length !== $undefined) {
                    if (reader.pos !== end)
                        throw $RangeError("index out of range");
                    reader.len = length;
                }
                if (_end !== $undefined)
                    throw $Error("missing end group");
                return message;
            };

            return Seal;
        })();

        return v1;
    })();

    return vmft;
})();

export {
  $root as default
};
