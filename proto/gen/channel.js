/*eslint-disable block-scoped-var, id-length, no-control-regex, no-magic-numbers, no-mixed-operators, no-prototype-builtins, no-redeclare, no-shadow, no-var, sort-vars, default-case, jsdoc/require-param*/
import $protobuf from "protobufjs/minimal.js";

// Common aliases
const $Reader = $protobuf.Reader, $Writer = $protobuf.Writer, $util = $protobuf.util;
const $Object = $util.global.Object, $undefined = $util.global.undefined, $Error = $util.global.Error, $RangeError = $util.global.RangeError;

// Exported root namespace
const $root = $protobuf.roots["vmft-channel"] || ($protobuf.roots["vmft-channel"] = {});

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

        v1.Frame = (function() {

            /**
             * Properties of a Frame.
             * @typedef {Object} vmft.v1.Frame.$Properties
             * @property {vmft.v1.Hello.$Properties|null} [hello] Frame hello
             * @property {vmft.v1.Welcome.$Properties|null} [welcome] Frame welcome
             * @property {vmft.v1.Refusal.$Properties|null} [refusal] Frame refusal
             * @property {Uint8Array|null} [log] Frame log
             * @property {vmft.v1.Pages.$Properties|null} [pages] Frame pages
             * @property {vmft.v1.Clusters.$Properties|null} [clusters] Frame clusters
             * @property {vmft.v1.State.$Properties|null} [state] Frame state
             * @property {vmft.v1.Received.$Properties|null} [received] Frame received
             * @property {vmft.v1.Beat.$Properties|null} [beat] Frame beat
             * @property {vmft.v1.Leave.$Properties|null} [leave] Frame leave
             * @property {"hello"|"welcome"|"refusal"|"log"|"pages"|"clusters"|"state"|"received"|"beat"|"leave"} [frame] Frame frame
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Frame.
             * @memberof vmft.v1
             * @interface IFrame
             * @augments vmft.v1.Frame.$Properties
             * @deprecated Use vmft.v1.Frame.$Properties instead.
             */

            /**
             * Narrowed shape of a Frame.
             * @typedef {{
             *   hello?: vmft.v1.Hello.$Shape|null;
             *   welcome?: vmft.v1.Welcome.$Shape|null;
             *   refusal?: vmft.v1.Refusal.$Shape|null;
             *   log?: Uint8Array|null;
             *   pages?: vmft.v1.Pages.$Shape|null;
             *   clusters?: vmft.v1.Clusters.$Shape|null;
             *   state?: vmft.v1.State.$Shape|null;
             *   received?: vmft.v1.Received.$Shape|null;
             *   beat?: vmft.v1.Beat.$Shape|null;
             *   leave?: vmft.v1.Leave.$Shape|null;
             *   $unknowns?: Array.<Uint8Array>;
             * } & (
             *   ({ frame?: undefined; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "hello"; hello: vmft.v1.Hello.$Shape; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "welcome"; hello?: null; welcome: vmft.v1.Welcome.$Shape; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "refusal"; hello?: null; welcome?: null; refusal: vmft.v1.Refusal.$Shape; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "log"; hello?: null; welcome?: null; refusal?: null; log: Uint8Array; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "pages"; hello?: null; welcome?: null; refusal?: null; log?: null; pages: vmft.v1.Pages.$Shape; clusters?: null; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "clusters"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters: vmft.v1.Clusters.$Shape; state?: null; received?: null; beat?: null; leave?: null }|{ frame?: "state"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state: vmft.v1.State.$Shape; received?: null; beat?: null; leave?: null }|{ frame?: "received"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received: vmft.v1.Received.$Shape; beat?: null; leave?: null }|{ frame?: "beat"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat: vmft.v1.Beat.$Shape; leave?: null }|{ frame?: "leave"; hello?: null; welcome?: null; refusal?: null; log?: null; pages?: null; clusters?: null; state?: null; received?: null; beat?: null; leave: vmft.v1.Leave.$Shape })
             * )} vmft.v1.Frame.$Shape
             */

            /**
             * Constructs a new Frame.
             * @memberof vmft.v1
             * @classdesc Represents a Frame.
             * @constructor
             * @param {vmft.v1.Frame.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Frame = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Frame hello.
             * @member {vmft.v1.Hello.$Properties|null|undefined} hello
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.hello = null;

            /**
             * Frame welcome.
             * @member {vmft.v1.Welcome.$Properties|null|undefined} welcome
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.welcome = null;

            /**
             * Frame refusal.
             * @member {vmft.v1.Refusal.$Properties|null|undefined} refusal
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.refusal = null;

            /**
             * Frame log.
             * @member {Uint8Array|null|undefined} log
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.log = null;

            /**
             * Frame pages.
             * @member {vmft.v1.Pages.$Properties|null|undefined} pages
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.pages = null;

            /**
             * Frame clusters.
             * @member {vmft.v1.Clusters.$Properties|null|undefined} clusters
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.clusters = null;

            /**
             * Frame state.
             * @member {vmft.v1.State.$Properties|null|undefined} state
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.state = null;

            /**
             * Frame received.
             * @member {vmft.v1.Received.$Properties|null|undefined} received
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.received = null;

            /**
             * Frame beat.
             * @member {vmft.v1.Beat.$Properties|null|undefined} beat
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.beat = null;

            /**
             * Frame leave.
             * @member {vmft.v1.Leave.$Properties|null|undefined} leave
             * @memberof vmft.v1.Frame
             * @instance
             */
            Frame.prototype.leave = null;

            // OneOf field names bound to virtual getters and setters
            let $oneOfFields;

            /**
             * Frame frame.
             * @member {"hello"|"welcome"|"refusal"|"log"|"pages"|"clusters"|"state"|"received"|"beat"|"leave"|undefined} frame
             * @memberof vmft.v1.Frame
             * @instance
             */
            $Object.defineProperty(Frame.prototype, "frame", {
                get: $util.oneOfGetter($oneOfFields = ["hello", "welcome", "refusal", "log", "pages", "clusters", "state", "received", "beat", "leave"]),
                set: $util.oneOfSetter($oneOfFields)
            });

            /**
             * Encodes the specified Frame message. Does not implicitly {@link vmft.v1.Frame.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Frame
             * @static
             * @param {vmft.v1.Frame.$Properties} message Frame message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Frame.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.hello != null && $Object.hasOwnProperty.call(message, "hello"))
                    $root.vmft.v1.Hello.encode(message.hello, writer.uint32(/* id 1, wireType 2 =*/10).fork(), _depth + 1).ldelim();
                if (message.welcome != null && $Object.hasOwnProperty.call(message, "welcome"))
                    $root.vmft.v1.Welcome.encode(message.welcome, writer.uint32(/* id 2, wireType 2 =*/18).fork(), _depth + 1).ldelim();
                if (message.refusal != null && $Object.hasOwnProperty.call(message, "refusal"))
                    $root.vmft.v1.Refusal.encode(message.refusal, writer.uint32(/* id 3, wireType 2 =*/26).fork(), _depth + 1).ldelim();
                if (message.log != null && $Object.hasOwnProperty.call(message, "log"))
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.log);
                if (message.pages != null && $Object.hasOwnProperty.call(message, "pages"))
                    $root.vmft.v1.Pages.encode(message.pages, writer.uint32(/* id 5, wireType 2 =*/42).fork(), _depth + 1).ldelim();
                if (message.clusters != null && $Object.hasOwnProperty.call(message, "clusters"))
                    $root.vmft.v1.Clusters.encode(message.clusters, writer.uint32(/* id 6, wireType 2 =*/50).fork(), _depth + 1).ldelim();
                if (message.state != null && $Object.hasOwnProperty.call(message, "state"))
                    $root.vmft.v1.State.encode(message.state, writer.uint32(/* id 7, wireType 2 =*/58).fork(), _depth + 1).ldelim();
                if (message.received != null && $Object.hasOwnProperty.call(message, "received"))
                    $root.vmft.v1.Received.encode(message.received, writer.uint32(/* id 8, wireType 2 =*/66).fork(), _depth + 1).ldelim();
                if (message.beat != null && $Object.hasOwnProperty.call(message, "beat"))
                    $root.vmft.v1.Beat.encode(message.beat, writer.uint32(/* id 9, wireType 2 =*/74).fork(), _depth + 1).ldelim();
                if (message.leave != null && $Object.hasOwnProperty.call(message, "leave"))
                    $root.vmft.v1.Leave.encode(message.leave, writer.uint32(/* id 10, wireType 2 =*/82).fork(), _depth + 1).ldelim();
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Frame message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Frame
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Frame & vmft.v1.Frame.$Shape} Frame
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Frame.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Frame();
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
                            message.hello = $root.vmft.v1.Hello.decode(reader, reader.size(), $undefined, _depth + 1, message.hello);
                            message.frame = "hello";
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            message.welcome = $root.vmft.v1.Welcome.decode(reader, reader.size(), $undefined, _depth + 1, message.welcome);
                            message.frame = "welcome";
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            message.refusal = $root.vmft.v1.Refusal.decode(reader, reader.size(), $undefined, _depth + 1, message.refusal);
                            message.frame = "refusal";
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            message.log = reader.bytes();
                            message.frame = "log";
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            message.pages = $root.vmft.v1.Pages.decode(reader, reader.size(), $undefined, _depth + 1, message.pages);
                            message.frame = "pages";
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            message.clusters = $root.vmft.v1.Clusters.decode(reader, reader.size(), $undefined, _depth + 1, message.clusters);
                            message.frame = "clusters";
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            message.state = $root.vmft.v1.State.decode(reader, reader.size(), $undefined, _depth + 1, message.state);
                            message.frame = "state";
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            message.received = $root.vmft.v1.Received.decode(reader, reader.size(), $undefined, _depth + 1, message.received);
                            message.frame = "received";
                            continue;
                        }
                    case 9: {
                            if (wireType !== 2)
                                break;
                            message.beat = $root.vmft.v1.Beat.decode(reader, reader.size(), $undefined, _depth + 1, message.beat);
                            message.frame = "beat";
                            continue;
                        }
                    case 10: {
                            if (wireType !== 2)
                                break;
                            message.leave = $root.vmft.v1.Leave.decode(reader, reader.size(), $undefined, _depth + 1, message.leave);
                            message.frame = "leave";
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

            return Frame;
        })();

        v1.Hello = (function() {

            /**
             * Properties of a Hello.
             * @typedef {Object} vmft.v1.Hello.$Properties
             * @property {string|null} [format] Hello format
             * @property {number|null} [version] Hello version
             * @property {string|null} [build] Hello build
             * @property {number|null} [behaviour] Hello behaviour
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Hello.
             * @memberof vmft.v1
             * @interface IHello
             * @augments vmft.v1.Hello.$Properties
             * @deprecated Use vmft.v1.Hello.$Properties instead.
             */

            /**
             * Shape of a Hello.
             * @typedef {vmft.v1.Hello.$Properties} vmft.v1.Hello.$Shape
             */

            /**
             * Constructs a new Hello.
             * @memberof vmft.v1
             * @classdesc Represents a Hello.
             * @constructor
             * @param {vmft.v1.Hello.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Hello = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Hello format.
             * @member {string} format
             * @memberof vmft.v1.Hello
             * @instance
             */
            Hello.prototype.format = "";

            /**
             * Hello version.
             * @member {number} version
             * @memberof vmft.v1.Hello
             * @instance
             */
            Hello.prototype.version = 0;

            /**
             * Hello build.
             * @member {string} build
             * @memberof vmft.v1.Hello
             * @instance
             */
            Hello.prototype.build = "";

            /**
             * Hello behaviour.
             * @member {number} behaviour
             * @memberof vmft.v1.Hello
             * @instance
             */
            Hello.prototype.behaviour = 0;

            /**
             * Encodes the specified Hello message. Does not implicitly {@link vmft.v1.Hello.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Hello
             * @static
             * @param {vmft.v1.Hello.$Properties} message Hello message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Hello.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.format != null && $Object.hasOwnProperty.call(message, "format") && message.format !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.format);
                if (message.version != null && $Object.hasOwnProperty.call(message, "version") && message.version !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.version);
                if (message.build != null && $Object.hasOwnProperty.call(message, "build") && message.build !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.build);
                if (message.behaviour != null && $Object.hasOwnProperty.call(message, "behaviour") && message.behaviour !== 0)
                    writer.uint32(/* id 4, wireType 0 =*/32).uint32(message.behaviour);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Hello message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Hello
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Hello & vmft.v1.Hello.$Shape} Hello
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Hello.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Hello();
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
                                message.version = value;
                            else
                                delete message.version;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.build = value;
                            else
                                delete message.build;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.behaviour = value;
                            else
                                delete message.behaviour;
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

            return Hello;
        })();

        v1.Welcome = (function() {

            /**
             * Properties of a Welcome.
             * @typedef {Object} vmft.v1.Welcome.$Properties
             * @property {string|null} [run] Welcome run
             * @property {number|null} [epoch] Welcome epoch
             * @property {string|null} [holder] Welcome holder
             * @property {string|null} [arbiter] Welcome arbiter
             * @property {Array.<string>|null} [networks] Welcome networks
             * @property {Array.<string>|null} [disks] Welcome disks
             * @property {Array.<string>|null} [identities] Welcome identities
             * @property {string|null} [host] Welcome host
             * @property {number|null} [timeout] Welcome timeout
             * @property {number|null} [console] Welcome console
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Welcome.
             * @memberof vmft.v1
             * @interface IWelcome
             * @augments vmft.v1.Welcome.$Properties
             * @deprecated Use vmft.v1.Welcome.$Properties instead.
             */

            /**
             * Shape of a Welcome.
             * @typedef {vmft.v1.Welcome.$Properties} vmft.v1.Welcome.$Shape
             */

            /**
             * Constructs a new Welcome.
             * @memberof vmft.v1
             * @classdesc Represents a Welcome.
             * @constructor
             * @param {vmft.v1.Welcome.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Welcome = function (properties) {
                this.networks = [];
                this.disks = [];
                this.identities = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Welcome run.
             * @member {string} run
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.run = "";

            /**
             * Welcome epoch.
             * @member {number} epoch
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.epoch = 0;

            /**
             * Welcome holder.
             * @member {string} holder
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.holder = "";

            /**
             * Welcome arbiter.
             * @member {string} arbiter
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.arbiter = "";

            /**
             * Welcome networks.
             * @member {Array.<string>} networks
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.networks = $util.emptyArray;

            /**
             * Welcome disks.
             * @member {Array.<string>} disks
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.disks = $util.emptyArray;

            /**
             * Welcome identities.
             * @member {Array.<string>} identities
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.identities = $util.emptyArray;

            /**
             * Welcome host.
             * @member {string} host
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.host = "";

            /**
             * Welcome timeout.
             * @member {number} timeout
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.timeout = 0;

            /**
             * Welcome console.
             * @member {number} console
             * @memberof vmft.v1.Welcome
             * @instance
             */
            Welcome.prototype.console = 0;

            /**
             * Encodes the specified Welcome message. Does not implicitly {@link vmft.v1.Welcome.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Welcome
             * @static
             * @param {vmft.v1.Welcome.$Properties} message Welcome message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Welcome.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.run != null && $Object.hasOwnProperty.call(message, "run") && message.run !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.run);
                if (message.epoch != null && $Object.hasOwnProperty.call(message, "epoch") && message.epoch !== 0)
                    writer.uint32(/* id 2, wireType 0 =*/16).uint32(message.epoch);
                if (message.holder != null && $Object.hasOwnProperty.call(message, "holder") && message.holder !== "")
                    writer.uint32(/* id 3, wireType 2 =*/26).string(message.holder);
                if (message.arbiter != null && $Object.hasOwnProperty.call(message, "arbiter") && message.arbiter !== "")
                    writer.uint32(/* id 4, wireType 2 =*/34).string(message.arbiter);
                if (message.networks != null && message.networks.length)
                    for (let i = 0; i < message.networks.length; ++i)
                        writer.uint32(/* id 5, wireType 2 =*/42).string(message.networks[i]);
                if (message.disks != null && message.disks.length)
                    for (let i = 0; i < message.disks.length; ++i)
                        writer.uint32(/* id 6, wireType 2 =*/50).string(message.disks[i]);
                if (message.identities != null && message.identities.length)
                    for (let i = 0; i < message.identities.length; ++i)
                        writer.uint32(/* id 7, wireType 2 =*/58).string(message.identities[i]);
                if (message.host != null && $Object.hasOwnProperty.call(message, "host") && message.host !== "")
                    writer.uint32(/* id 8, wireType 2 =*/66).string(message.host);
                if (message.timeout != null && $Object.hasOwnProperty.call(message, "timeout") && message.timeout !== 0)
                    writer.uint32(/* id 9, wireType 0 =*/72).uint32(message.timeout);
                if (message.console != null && $Object.hasOwnProperty.call(message, "console") && message.console !== 0)
                    writer.uint32(/* id 10, wireType 0 =*/80).uint32(message.console);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Welcome message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Welcome
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Welcome & vmft.v1.Welcome.$Shape} Welcome
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Welcome.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Welcome();
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
                                message.run = value;
                            else
                                delete message.run;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.epoch = value;
                            else
                                delete message.epoch;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.holder = value;
                            else
                                delete message.holder;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.arbiter = value;
                            else
                                delete message.arbiter;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 2)
                                break;
                            if (!(message.networks && message.networks.length))
                                message.networks = [];
                            message.networks.push(reader.stringVerify());
                            continue;
                        }
                    case 6: {
                            if (wireType !== 2)
                                break;
                            if (!(message.disks && message.disks.length))
                                message.disks = [];
                            message.disks.push(reader.stringVerify());
                            continue;
                        }
                    case 7: {
                            if (wireType !== 2)
                                break;
                            if (!(message.identities && message.identities.length))
                                message.identities = [];
                            message.identities.push(reader.stringVerify());
                            continue;
                        }
                    case 8: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.stringVerify()).length)
                                message.host = value;
                            else
                                delete message.host;
                            continue;
                        }
                    case 9: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.timeout = value;
                            else
                                delete message.timeout;
                            continue;
                        }
                    case 10: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.uint32())
                                message.console = value;
                            else
                                delete message.console;
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

            return Welcome;
        })();

        v1.Refusal = (function() {

            /**
             * Properties of a Refusal.
             * @typedef {Object} vmft.v1.Refusal.$Properties
             * @property {string|null} [reason] Refusal reason
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Refusal.
             * @memberof vmft.v1
             * @interface IRefusal
             * @augments vmft.v1.Refusal.$Properties
             * @deprecated Use vmft.v1.Refusal.$Properties instead.
             */

            /**
             * Shape of a Refusal.
             * @typedef {vmft.v1.Refusal.$Properties} vmft.v1.Refusal.$Shape
             */

            /**
             * Constructs a new Refusal.
             * @memberof vmft.v1
             * @classdesc Represents a Refusal.
             * @constructor
             * @param {vmft.v1.Refusal.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Refusal = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Refusal reason.
             * @member {string} reason
             * @memberof vmft.v1.Refusal
             * @instance
             */
            Refusal.prototype.reason = "";

            /**
             * Encodes the specified Refusal message. Does not implicitly {@link vmft.v1.Refusal.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Refusal
             * @static
             * @param {vmft.v1.Refusal.$Properties} message Refusal message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Refusal.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.reason != null && $Object.hasOwnProperty.call(message, "reason") && message.reason !== "")
                    writer.uint32(/* id 1, wireType 2 =*/10).string(message.reason);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Refusal message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Refusal
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Refusal & vmft.v1.Refusal.$Shape} Refusal
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Refusal.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Refusal();
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
                                message.reason = value;
                            else
                                delete message.reason;
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

            return Refusal;
        })();

        v1.Pages = (function() {

            /**
             * Properties of a Pages.
             * @typedef {Object} vmft.v1.Pages.$Properties
             * @property {Array.<number>|null} [numbers] Pages numbers
             * @property {Uint8Array|null} [content] Pages content
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Pages.
             * @memberof vmft.v1
             * @interface IPages
             * @augments vmft.v1.Pages.$Properties
             * @deprecated Use vmft.v1.Pages.$Properties instead.
             */

            /**
             * Shape of a Pages.
             * @typedef {vmft.v1.Pages.$Properties} vmft.v1.Pages.$Shape
             */

            /**
             * Constructs a new Pages.
             * @memberof vmft.v1
             * @classdesc Represents a Pages.
             * @constructor
             * @param {vmft.v1.Pages.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Pages = function (properties) {
                this.numbers = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Pages numbers.
             * @member {Array.<number>} numbers
             * @memberof vmft.v1.Pages
             * @instance
             */
            Pages.prototype.numbers = $util.emptyArray;

            /**
             * Pages content.
             * @member {Uint8Array} content
             * @memberof vmft.v1.Pages
             * @instance
             */
            Pages.prototype.content = $util.newBuffer([]);

            /**
             * Encodes the specified Pages message. Does not implicitly {@link vmft.v1.Pages.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Pages
             * @static
             * @param {vmft.v1.Pages.$Properties} message Pages message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Pages.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.numbers != null && message.numbers.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).uint32s(message.numbers);
                if (message.content != null && $Object.hasOwnProperty.call(message, "content") && message.content.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).bytes(message.content);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Pages message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Pages
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Pages & vmft.v1.Pages.$Shape} Pages
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Pages.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Pages();
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
                                if (!(message.numbers && message.numbers.length))
                                    message.numbers = [];
                                reader.uint32s(message.numbers);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.numbers && message.numbers.length))
                                message.numbers = [];
                            message.numbers.push(reader.uint32());
                            continue;
                        }
                    case 2: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.content = value;
                            else
                                delete message.content;
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

            return Pages;
        })();

        v1.Clusters = (function() {

            /**
             * Properties of a Clusters.
             * @typedef {Object} vmft.v1.Clusters.$Properties
             * @property {number|null} [slot] Clusters slot
             * @property {Array.<number|Long>|null} [numbers] Clusters numbers
             * @property {Array.<number>|null} [written] Clusters written
             * @property {Uint8Array|null} [content] Clusters content
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Clusters.
             * @memberof vmft.v1
             * @interface IClusters
             * @augments vmft.v1.Clusters.$Properties
             * @deprecated Use vmft.v1.Clusters.$Properties instead.
             */

            /**
             * Shape of a Clusters.
             * @typedef {vmft.v1.Clusters.$Properties} vmft.v1.Clusters.$Shape
             */

            /**
             * Constructs a new Clusters.
             * @memberof vmft.v1
             * @classdesc Represents a Clusters.
             * @constructor
             * @param {vmft.v1.Clusters.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Clusters = function (properties) {
                this.numbers = [];
                this.written = [];
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Clusters slot.
             * @member {number} slot
             * @memberof vmft.v1.Clusters
             * @instance
             */
            Clusters.prototype.slot = 0;

            /**
             * Clusters numbers.
             * @member {Array.<number|Long>} numbers
             * @memberof vmft.v1.Clusters
             * @instance
             */
            Clusters.prototype.numbers = $util.emptyArray;

            /**
             * Clusters written.
             * @member {Array.<number>} written
             * @memberof vmft.v1.Clusters
             * @instance
             */
            Clusters.prototype.written = $util.emptyArray;

            /**
             * Clusters content.
             * @member {Uint8Array} content
             * @memberof vmft.v1.Clusters
             * @instance
             */
            Clusters.prototype.content = $util.newBuffer([]);

            /**
             * Encodes the specified Clusters message. Does not implicitly {@link vmft.v1.Clusters.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Clusters
             * @static
             * @param {vmft.v1.Clusters.$Properties} message Clusters message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Clusters.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.slot != null && $Object.hasOwnProperty.call(message, "slot") && message.slot !== 0)
                    writer.uint32(/* id 1, wireType 0 =*/8).uint32(message.slot);
                if (message.numbers != null && message.numbers.length)
                    writer.uint32(/* id 2, wireType 2 =*/18).uint64s(message.numbers);
                if (message.written != null && message.written.length)
                    writer.uint32(/* id 3, wireType 2 =*/26).uint32s(message.written);
                if (message.content != null && $Object.hasOwnProperty.call(message, "content") && message.content.length)
                    writer.uint32(/* id 4, wireType 2 =*/34).bytes(message.content);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Clusters message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Clusters
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Clusters & vmft.v1.Clusters.$Shape} Clusters
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Clusters.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Clusters();
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
                                message.slot = value;
                            else
                                delete message.slot;
                            continue;
                        }
                    case 2: {
                            if (wireType === 2) {
                                if (!(message.numbers && message.numbers.length))
                                    message.numbers = [];
                                reader.uint64s(message.numbers);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.numbers && message.numbers.length))
                                message.numbers = [];
                            message.numbers.push(reader.uint64());
                            continue;
                        }
                    case 3: {
                            if (wireType === 2) {
                                if (!(message.written && message.written.length))
                                    message.written = [];
                                reader.uint32s(message.written);
                                continue;
                            }
                            if (wireType !== 0)
                                break;
                            if (!(message.written && message.written.length))
                                message.written = [];
                            message.written.push(reader.uint32());
                            continue;
                        }
                    case 4: {
                            if (wireType !== 2)
                                break;
                            if ((value = reader.bytes()).length)
                                message.content = value;
                            else
                                delete message.content;
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

            return Clusters;
        })();

        v1.State = (function() {

            /**
             * Properties of a State.
             * @typedef {Object} vmft.v1.State.$Properties
             * @property {Uint8Array|null} [fields] State fields
             * @property {number|Long|null} [digest] State digest
             * @property {number|Long|null} [position] State position
             * @property {number|Long|null} [time] State time
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a State.
             * @memberof vmft.v1
             * @interface IState
             * @augments vmft.v1.State.$Properties
             * @deprecated Use vmft.v1.State.$Properties instead.
             */

            /**
             * Shape of a State.
             * @typedef {vmft.v1.State.$Properties} vmft.v1.State.$Shape
             */

            /**
             * Constructs a new State.
             * @memberof vmft.v1
             * @classdesc Represents a State.
             * @constructor
             * @param {vmft.v1.State.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const State = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * State fields.
             * @member {Uint8Array} fields
             * @memberof vmft.v1.State
             * @instance
             */
            State.prototype.fields = $util.newBuffer([]);

            /**
             * State digest.
             * @member {number|Long} digest
             * @memberof vmft.v1.State
             * @instance
             */
            State.prototype.digest = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * State position.
             * @member {number|Long} position
             * @memberof vmft.v1.State
             * @instance
             */
            State.prototype.position = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * State time.
             * @member {number|Long} time
             * @memberof vmft.v1.State
             * @instance
             */
            State.prototype.time = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Encodes the specified State message. Does not implicitly {@link vmft.v1.State.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.State
             * @static
             * @param {vmft.v1.State.$Properties} message State message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            State.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.fields != null && $Object.hasOwnProperty.call(message, "fields") && message.fields.length)
                    writer.uint32(/* id 1, wireType 2 =*/10).bytes(message.fields);
                if (message.digest != null && $Object.hasOwnProperty.call(message, "digest") && (typeof message.digest === "object" ? message.digest.low || message.digest.high : message.digest !== 0))
                    writer.uint32(/* id 2, wireType 1 =*/17).fixed64(message.digest);
                if (message.position != null && $Object.hasOwnProperty.call(message, "position") && (typeof message.position === "object" ? message.position.low || message.position.high : message.position !== 0))
                    writer.uint32(/* id 3, wireType 0 =*/24).uint64(message.position);
                if (message.time != null && $Object.hasOwnProperty.call(message, "time") && (typeof message.time === "object" ? message.time.low || message.time.high : message.time !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.time);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a State message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.State
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.State & vmft.v1.State.$Shape} State
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            State.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.State();
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
                            if ((value = reader.bytes()).length)
                                message.fields = value;
                            else
                                delete message.fields;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 1)
                                break;
                            if (typeof (value = reader.fixed64()) === "object" ? value.low || value.high : value !== 0)
                                message.digest = value;
                            else
                                delete message.digest;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.position = value;
                            else
                                delete message.position;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.time = value;
                            else
                                delete message.time;
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

            return State;
        })();

        v1.Received = (function() {

            /**
             * Properties of a Received.
             * @typedef {Object} vmft.v1.Received.$Properties
             * @property {number|Long|null} [offset] Received offset
             * @property {number|Long|null} [position] Received position
             * @property {number|null} [stamp] Received stamp
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Received.
             * @memberof vmft.v1
             * @interface IReceived
             * @augments vmft.v1.Received.$Properties
             * @deprecated Use vmft.v1.Received.$Properties instead.
             */

            /**
             * Shape of a Received.
             * @typedef {vmft.v1.Received.$Properties} vmft.v1.Received.$Shape
             */

            /**
             * Constructs a new Received.
             * @memberof vmft.v1
             * @classdesc Represents a Received.
             * @constructor
             * @param {vmft.v1.Received.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Received = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Received offset.
             * @member {number|Long} offset
             * @memberof vmft.v1.Received
             * @instance
             */
            Received.prototype.offset = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Received position.
             * @member {number|Long} position
             * @memberof vmft.v1.Received
             * @instance
             */
            Received.prototype.position = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Received stamp.
             * @member {number} stamp
             * @memberof vmft.v1.Received
             * @instance
             */
            Received.prototype.stamp = 0;

            /**
             * Encodes the specified Received message. Does not implicitly {@link vmft.v1.Received.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Received
             * @static
             * @param {vmft.v1.Received.$Properties} message Received message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Received.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.offset != null && $Object.hasOwnProperty.call(message, "offset") && (typeof message.offset === "object" ? message.offset.low || message.offset.high : message.offset !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.offset);
                if (message.position != null && $Object.hasOwnProperty.call(message, "position") && (typeof message.position === "object" ? message.position.low || message.position.high : message.position !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.position);
                if (message.stamp != null && $Object.hasOwnProperty.call(message, "stamp") && !$Object.is(message.stamp, 0))
                    writer.uint32(/* id 3, wireType 1 =*/25).double(message.stamp);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Received message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Received
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Received & vmft.v1.Received.$Shape} Received
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Received.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Received();
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
                                message.offset = value;
                            else
                                delete message.offset;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.position = value;
                            else
                                delete message.position;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.stamp = value;
                            else
                                delete message.stamp;
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

            return Received;
        })();

        v1.Beat = (function() {

            /**
             * Properties of a Beat.
             * @typedef {Object} vmft.v1.Beat.$Properties
             * @property {number|Long|null} [time] Beat time
             * @property {number|Long|null} [released] Beat released
             * @property {number|null} [stamp] Beat stamp
             * @property {number|Long|null} [position] Beat position
             * @property {boolean|null} [leased] Beat leased
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Beat.
             * @memberof vmft.v1
             * @interface IBeat
             * @augments vmft.v1.Beat.$Properties
             * @deprecated Use vmft.v1.Beat.$Properties instead.
             */

            /**
             * Shape of a Beat.
             * @typedef {vmft.v1.Beat.$Properties} vmft.v1.Beat.$Shape
             */

            /**
             * Constructs a new Beat.
             * @memberof vmft.v1
             * @classdesc Represents a Beat.
             * @constructor
             * @param {vmft.v1.Beat.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Beat = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Beat time.
             * @member {number|Long} time
             * @memberof vmft.v1.Beat
             * @instance
             */
            Beat.prototype.time = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Beat released.
             * @member {number|Long} released
             * @memberof vmft.v1.Beat
             * @instance
             */
            Beat.prototype.released = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Beat stamp.
             * @member {number} stamp
             * @memberof vmft.v1.Beat
             * @instance
             */
            Beat.prototype.stamp = 0;

            /**
             * Beat position.
             * @member {number|Long} position
             * @memberof vmft.v1.Beat
             * @instance
             */
            Beat.prototype.position = $util.Long ? $util.Long.fromBits(0,0,true) : 0;

            /**
             * Beat leased.
             * @member {boolean} leased
             * @memberof vmft.v1.Beat
             * @instance
             */
            Beat.prototype.leased = false;

            /**
             * Encodes the specified Beat message. Does not implicitly {@link vmft.v1.Beat.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Beat
             * @static
             * @param {vmft.v1.Beat.$Properties} message Beat message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Beat.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.time != null && $Object.hasOwnProperty.call(message, "time") && (typeof message.time === "object" ? message.time.low || message.time.high : message.time !== 0))
                    writer.uint32(/* id 1, wireType 0 =*/8).uint64(message.time);
                if (message.released != null && $Object.hasOwnProperty.call(message, "released") && (typeof message.released === "object" ? message.released.low || message.released.high : message.released !== 0))
                    writer.uint32(/* id 2, wireType 0 =*/16).uint64(message.released);
                if (message.stamp != null && $Object.hasOwnProperty.call(message, "stamp") && !$Object.is(message.stamp, 0))
                    writer.uint32(/* id 3, wireType 1 =*/25).double(message.stamp);
                if (message.position != null && $Object.hasOwnProperty.call(message, "position") && (typeof message.position === "object" ? message.position.low || message.position.high : message.position !== 0))
                    writer.uint32(/* id 4, wireType 0 =*/32).uint64(message.position);
                if (message.leased != null && $Object.hasOwnProperty.call(message, "leased") && message.leased !== false)
                    writer.uint32(/* id 5, wireType 0 =*/40).bool(message.leased);
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Beat message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Beat
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Beat & vmft.v1.Beat.$Shape} Beat
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Beat.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Beat();
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
                                message.time = value;
                            else
                                delete message.time;
                            continue;
                        }
                    case 2: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.released = value;
                            else
                                delete message.released;
                            continue;
                        }
                    case 3: {
                            if (wireType !== 1)
                                break;
                            if (!$Object.is(value = reader.double(), 0))
                                message.stamp = value;
                            else
                                delete message.stamp;
                            continue;
                        }
                    case 4: {
                            if (wireType !== 0)
                                break;
                            if (typeof (value = reader.uint64()) === "object" ? value.low || value.high : value !== 0)
                                message.position = value;
                            else
                                delete message.position;
                            continue;
                        }
                    case 5: {
                            if (wireType !== 0)
                                break;
                            if (value = reader.bool())
                                message.leased = value;
                            else
                                delete message.leased;
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

            return Beat;
        })();

        v1.Leave = (function() {

            /**
             * Properties of a Leave.
             * @typedef {Object} vmft.v1.Leave.$Properties
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */

            /**
             * Properties of a Leave.
             * @memberof vmft.v1
             * @interface ILeave
             * @augments vmft.v1.Leave.$Properties
             * @deprecated Use vmft.v1.Leave.$Properties instead.
             */

            /**
             * Shape of a Leave.
             * @typedef {vmft.v1.Leave.$Properties} vmft.v1.Leave.$Shape
             */

            /**
             * Constructs a new Leave.
             * @memberof vmft.v1
             * @classdesc Represents a Leave.
             * @constructor
             * @param {vmft.v1.Leave.$Properties=} [properties] Properties to set
             * @property {Array.<Uint8Array>} [$unknowns] Unknown fields preserved while decoding when enabled
             */
            const Leave = function (properties) {
                if (properties)
                    for (let keys = $Object.keys(properties), i = 0; i < keys.length; ++i)
                        if (properties[keys[i]] != null && keys[i] !== "__proto__")
                            this[keys[i]] = properties[keys[i]];
            };

            /**
             * Encodes the specified Leave message. Does not implicitly {@link vmft.v1.Leave.verify|verify} messages.
             * @function encode
             * @memberof vmft.v1.Leave
             * @static
             * @param {vmft.v1.Leave.$Properties} message Leave message or plain object to encode
             * @param {$protobuf.Writer} [writer] Writer to encode to
             * @returns {$protobuf.Writer} Writer
             */
            Leave.encode = function (message, writer, _depth) {
                if (!writer)
                    writer = $Writer.create();
                if (_depth === $undefined)
                    _depth = 0;
                if (_depth > $util.recursionLimit)
                    throw $Error("max depth exceeded");
                if (message.$unknowns != null && $Object.hasOwnProperty.call(message, "$unknowns"))
                    for (let i = 0; i < message.$unknowns.length; ++i)
                        writer.raw(message.$unknowns[i]);
                return writer;
            };

            /**
             * Decodes a Leave message from the specified reader or buffer.
             * @function decode
             * @memberof vmft.v1.Leave
             * @static
             * @param {$protobuf.Reader|Uint8Array} reader Reader or buffer to decode from
             * @param {number} [length] Message length if known beforehand
             * @returns {vmft.v1.Leave & vmft.v1.Leave.$Shape} Leave
             * @throws {Error} If the payload is not a reader or valid buffer
             * @throws {$protobuf.util.ProtocolError} If required fields are missing
             */
            Leave.decode = function (reader, length, _end, _depth, _target) {
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
                message = _target || new $root.vmft.v1.Leave();
                while (reader.pos < end) {
                    let start = reader.pos;
                    let tag = reader.tag();
                    if (tag === _end) {
                        _end = $undefined;
                        break;
                    }
                    reader.skipType(tag & 7, _depth, tag);
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

            return Leave;
        })();

        return v1;
    })();

    return vmft;
})();

export {
  $root as default
};
