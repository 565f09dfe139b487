/**
 * Parameters and values that Cloudinary has and Safelight does not
 * (cloudinary.com/documentation/transformation_reference). They fail with `not_offered` instead of
 * `bad_transformation`, so that users do not look for a typing error.
 */

/** Each key, and Cloudinary's name of the parameter. */
export const keysNotOffered: ReadonlyMap<string, string> = new Map([
  ['ac', 'audio codec'],
  ['af', 'audio frequency'],
  ['bl', 'baseline'],
  ['bo', 'border'],
  ['br', 'bit rate'],
  ['co', 'colour'],
  ['cs', 'colour space'],
  ['dl', 'delay'],
  ['dn', 'density'],
  ['du', 'duration'],
  ['eo', 'end offset'],
  ['fn', 'custom function'],
  ['fps', 'frames per second'],
  ['if', 'condition'],
  ['ki', 'keyframe interval'],
  ['l', 'overlay'],
  ['p', 'prefix'],
  ['pg', 'page'],
  ['so', 'start offset'],
  ['sp', 'streaming profile'],
  ['u', 'underlay'],
  ['vc', 'video codec'],
  ['vs', 'video sampling'],
]);

export const cropsNotOffered: RegExp = /^(auto_pad|auto|imagga_\w+)$/;

/** Objects, one or several (`cat:dog`): Cloudinary's detection knows hundreds of names. */
export const objectsNotOffered: RegExp = /^!?[a-z][a-z0-9_-]*!?(:[a-z0-9_!-]+)*$/;

export const gravitiesNotOffered: RegExp =
  /^(auto[:_].*|custom(:.*)?|region_.*|faces?(:.*)?|adv_.*|ocr_text.*|liquid|body|track_.*)$/;

export const qualitiesNotOffered: RegExp =
  /^(\d+(:(420|444))?:qmax_\d+|auto(:(best|good|eco|low))?(:(420|444|sensitive|qmax_\d+))+|jpegmini.*)$/;

export const formatsNotOffered: RegExp =
  /^(auto:.*|ai|arw|bmp|bw|cr2|cr3|djvu|dng|eps|eps3|ept|fbx|flif|glb|gltf|hdp|heic|heif|ico|indd|j2k|jp2|jpc|jxl|jxr|obj|ply|ps|tga|u3ma|usdz|wdp|pdf|psd|svg|mp4|m4v|mov|mkv|webm|ogv|avi|m3u8|mpd|mp3|wav|ogg|aac|flac)$/;

export const anglesNotOffered: RegExp = /^(auto_right|auto_left|exif)$/;

export const backgroundsNotOffered: RegExp = /^(auto|blurred|gen_fill)(:.*)?$/;

/** `auto`, and arithmetic with variables. */
export const sizesNotOffered: RegExp = /^auto(:.*)?$|\$|_(add|sub|mul|div|mod|pow)_/;

export const effectsNotOffered: RegExp =
  /^(accelerate|adv_redeye|anti[-_]removal|art|auto_brightness|auto_color|auto_contrast|assist_colorblind|background_removal|bgremoval|blackwhite|blue|blur_faces|blur_region|boomerang|brightness|brightness_hsb|camera|cartoonify|colorize|contrast|cut_out|deshake|displace|distort|drop_shadow|dropshadow|enhance|extract|fade|fill_light|gamma|gen_\w+|gradient_fade|green|hue|improve|light|loop|make_transparent|mask|morphology|multiply|negate|noise|oil_paint|opacity_threshold|ordered_dither|outline|overlay|pixelate|pixelate_faces|pixelate_region|preview|progressbar|recolor|red|redeye|replace_color|reverse|saturation|screen|sepia|shadow|sharpen|shear|simulate_colorblind|style_transfer|swap_image|theme|tint|transition|trim|unsharp_mask|upscale|vectorize|vibrance|viesus_\w+|vignette|volume|waveform|zoompan)(:.*)?$/;

export const ratiosNotOffered: RegExp = /^i?ar$|\$|_(add|sub|mul|div|mod|pow)_/;

export const flagsNotOffered: RegExp =
  /^(animated|any_format|alternate(:.*)?|apng|awebp|c2pa|clip(_evenodd)?|cutter|draco|getinfo|hlsv3|ignore_aspect_ratio|ignore_mask_channels|keep_attribution|keep_dar|keep_iptc|layer_apply|lossy|mono|no_stream|original|png8|png24|png32|rasterize|region_relative|relative|replace_image|sanitize|splice|sprite|streaming_attachment(:.*)?|strip_profile|text_disallow_overflow|text_no_trim|tiff8_lzw|tiled|truncate_ts|waveform)$/;
